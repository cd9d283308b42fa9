// Sessions that book one event at once become a group: one leads, books for all, commits once. The
// model is PostgreSQL's own group clearing of transaction ids (procarray.c). Backend zone.
//
// Every session owns one request in shared memory. A request goes
//   idle -> queued -> claimed -> done -> idle,
// or from queued back to idle when its session gives up, and from claimed back to queued when the
// leader failed. A session that finds its group without a leader leads: it waits for the event's
// lock first and claims what has queued by then, so there is one waiter on the lock per event, and
// no timer. From the claim on the next session to come leads, and waits for that lock while this
// one commits.
//
// Locks: a partition's lock guards its groups, and the state, links and `leads` of their members'
// requests. What was asked is written before queueing and what came of it before `done`, both by
// one process alone; `done` is read without the lock, so it is written behind a barrier. Latches
// are set after the lock has been released, or the sessions that wake would wait for it.
#pragma once

#include "extension/backend/pg.h"
#include "extension/group/outcome.h"
#include "extension/rules/rules.h"

extern "C" {
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
}

namespace evently {

constexpr int group_members_max = 128;  // of one commit

enum class RequestState : uint32 { idle, queued, claimed, done };

struct GroupRequest {
  pg_atomic_uint32 state;
  int next;    // the one behind in the queue; -1: the last
  bool leads;  // it is to lead, or does
  bool alone;  // its leader failed once: it is claimed by itself from then on

  Oid database;
  BookingRequest request;
  size_t key_bytes;  // 0: no key
  char key[idempotency_key_bytes_max];
  int synchronous_commit;
  Latch* latch;
  int pid;
  TimestampTz since;

  RequestOutcome outcome;
};

enum class Part { alone, leads, follows };

// For pg_shared_memory: what the groups need of it, and where they are.
size_t groups_bytes();
int groups_lock_count();
void place_groups(void* memory, bool initialise, LWLockPadded* locks);

// Queues this session's request and says what part it has. `alone` when the list of groups is full
// or there is no shared memory.
Part join_group(const BookingRequest& request, const text* key);

// For a follower: waits until there is an outcome (follows) or it is its turn to lead (leads).
// Withdraws before it serves an interrupt, unless the request is claimed already. When that raises
// nothing it queues anew, which may end as in join_group.
Part await_outcome();

// What came of this session's request; it is idle again afterwards.
const RequestOutcome& take_outcome();

// For the leader: true when others have queued behind it.
bool has_company();

// For the leader, once it has the event's lock: claims the queue, its own request first, at most
// `max` requests. Returns how many; the next session to come leads from then on.
int claim_group(GroupRequest** members, int max);

// For the transaction callbacks: the end of the leader's transaction decides what becomes of the
// claimed requests: done when it commits, queued for another leader when it aborts.
void publish_group();
void abandon_group();

// For views: the requests of all sessions, read as they are at the moment.
struct GroupRequests {
  const GroupRequest* requests;
  int count;
};
GroupRequests all_requests();

}  // namespace evently
