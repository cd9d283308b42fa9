#include "extension/group/group.h"

extern "C" {
#include "access/xlog.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/timeout.h"
#include "utils/wait_event.h"
}

namespace evently {
namespace {

constexpr int partition_count = 64;
constexpr int groups_per_partition = 8;

struct Group {
  Oid database;
  int64 event_id;
  int members;  // queued or claimed; 0: the place is free
  int head;     // of the queue; -1: empty
  int tail;
  bool has_leader;  // one member waits for the event's lock and will claim the queue
};

struct Partition {
  LWLock* lock;
  Group groups[groups_per_partition];
};

struct Groups {
  int request_count;
  Partition partitions[partition_count];
  GroupRequest requests[FLEXIBLE_ARRAY_MEMBER];  // by the process's number
};

Groups* all = nullptr;

// This session's membership; what it has claimed besides.
Partition* partition = nullptr;
Group* group = nullptr;
GroupRequest* claimed[group_members_max];
int claimed_count = 0;

int my_number() {
  return static_cast<int>(MyProc - ProcGlobal->allProcs);
}

GroupRequest* mine() {
  return &all->requests[my_number()];
}

RequestState state_of(GroupRequest* request) {
  return static_cast<RequestState>(pg_atomic_read_u32(&request->state));
}

void move_state(GroupRequest* request, RequestState from, RequestState to) {
  Assert(state_of(request) == from);
  (void)from;
  pg_atomic_write_u32(&request->state, static_cast<uint32>(to));
}

[[maybe_unused]] bool holds_partition() {
  return partition != nullptr && LWLockHeldByMeInMode(partition->lock, LW_EXCLUSIVE);
}

// For assertions, under the partition's lock: whether the queue of this session's group is what its
// counters, links and flags say.
[[maybe_unused]] bool queue_is_sound() {
  if (group->database != MyDatabaseId || (group->head < 0) != (group->tail < 0)) return false;
  int queued = 0;
  int leaders = 0;
  int last = -1;
  for (int i = group->head; i >= 0; i = all->requests[i].next) {
    GroupRequest& request = all->requests[i];
    if (++queued > all->request_count || request.database != MyDatabaseId ||
        request.request.event_id != group->event_id || state_of(&request) != RequestState::queued)
      return false;
    if (request.leads) ++leaders;
    last = i;
  }
  return last == group->tail && queued <= group->members && group->members <= all->request_count &&
         leaders == (group->has_leader ? 1 : 0);
}

int number_of(const GroupRequest* request) {
  return static_cast<int>(request - all->requests);
}

Partition* partition_of(int64 event_id) {
  const uint64 hash = hash_bytes_extended(reinterpret_cast<const unsigned char*>(&event_id),
                                          static_cast<int>(sizeof event_id), MyDatabaseId);
  return &all->partitions[hash % partition_count];
}

// The event's group, or a free place; null when all are taken.
Group* find_group(Partition* where, int64 event_id) {
  Group* free_place = nullptr;
  for (Group& candidate : where->groups) {
    if (candidate.members == 0)
      free_place = &candidate;
    else if (candidate.database == MyDatabaseId && candidate.event_id == event_id)
      return &candidate;
  }
  if (free_place != nullptr) *free_place = {MyDatabaseId, event_id, 0, -1, -1, false};
  return free_place;
}

void append(GroupRequest* request) {
  Assert(holds_partition());
  request->next = -1;
  if (group->tail < 0)
    group->head = number_of(request);
  else
    all->requests[group->tail].next = number_of(request);
  group->tail = number_of(request);
  move_state(request, RequestState::idle, RequestState::queued);
}

// Takes a request out of the queue, `previous` being the one before it or -1.
void cut_out(int previous, int number) {
  Assert(holds_partition());
  Assert((previous < 0 ? group->head : all->requests[previous].next) == number);
  (previous < 0 ? group->head : all->requests[previous].next) = all->requests[number].next;
  if (group->tail == number) group->tail = previous;
}

void unlink(const GroupRequest* request) {
  int previous = -1;
  for (int i = group->head; i >= 0; previous = i, i = all->requests[i].next) {
    if (i != number_of(request)) continue;
    cut_out(previous, i);
    return;
  }
  Assert(false);  // it was not in the queue
}

// Makes the first of the queue lead when none does. Returns the latch to set once the lock is free.
Latch* appoint_leader() {
  Assert(holds_partition());
  if (group->has_leader || group->head < 0) return nullptr;
  GroupRequest* next = &all->requests[group->head];
  next->leads = group->has_leader = true;
  return next->latch;
}

void wake(Latch* latch) {
  Assert(!holds_partition());
  if (latch != nullptr && latch != MyLatch) SetLatch(latch);
}

// Takes this session's request out of the queue. False when a leader has claimed it, and will write
// its outcome.
bool withdraw() {
  LWLockAcquire(partition->lock, LW_EXCLUSIVE);
  GroupRequest* request = mine();
  const bool in_time = state_of(request) == RequestState::queued;
  Latch* latch = nullptr;
  if (in_time) {
    unlink(request);
    if (request->leads) request->leads = group->has_leader = false;
    --group->members;
    move_state(request, RequestState::queued, RequestState::idle);
    latch = appoint_leader();
    Assert(queue_is_sound());
  }
  LWLockRelease(partition->lock);
  wake(latch);
  if (in_time) group = nullptr;
  return in_time;
}

// Puts this session's request, which says all but its place, at the end of its event's queue.
Part queue_up() {
  Assert(claimed_count == 0);
  GroupRequest* request = mine();
  Part part = Part::alone;
  request->leads = false;
  partition = partition_of(request->request.event_id);
  LWLockAcquire(partition->lock, LW_EXCLUSIVE);
  group = find_group(partition, request->request.event_id);
  if (group != nullptr) {
    ++group->members;
    append(request);
    if (!group->has_leader) request->leads = group->has_leader = true;
    part = request->leads ? Part::leads : Part::follows;
    Assert(queue_is_sound());
  }
  LWLockRelease(partition->lock);
  return part;
}

}  // namespace

size_t groups_bytes() {
  return offsetof(Groups, requests) + MaxBackends * sizeof(GroupRequest);
}

int groups_lock_count() {
  return partition_count;
}

void place_groups(void* memory, bool initialise, LWLockPadded* locks) {
  all = static_cast<Groups*>(memory);
  if (!initialise) return;
  memset(memory, 0, groups_bytes());
  all->request_count = MaxBackends;
  for (int i = 0; i < partition_count; ++i) all->partitions[i].lock = &locks[i].lock;
  for (int i = 0; i < MaxBackends; ++i) pg_atomic_init_u32(&all->requests[i].state, 0);
}

Part join_group(const BookingRequest& request, const text* key) {
  if (all == nullptr || my_number() >= all->request_count) return Part::alone;
  GroupRequest* my_request = mine();
  // Left behind by a session that ended while its leader was at work: no session waits for that.
  if (state_of(my_request) == RequestState::claimed) return Part::alone;
  if (state_of(my_request) == RequestState::done)
    move_state(my_request, RequestState::done, RequestState::idle);
  my_request->database = MyDatabaseId;
  my_request->alone = false;
  my_request->request = request;
  my_request->key_bytes = key == nullptr ? 0 : VARSIZE_ANY_EXHDR(key);
  if (key != nullptr) memcpy(my_request->key, VARDATA_ANY(key), my_request->key_bytes);
  my_request->synchronous_commit = synchronous_commit;
  my_request->latch = MyLatch;
  my_request->pid = MyProcPid;
  my_request->since = GetCurrentTimestamp();
  return queue_up();
}

Part await_outcome() {
  GroupRequest* request = mine();
  Part part = Part::follows;
  // A follower waits for the event's lock, if only through its leader.
  if (LockTimeout > 0) enable_timeout_after(LOCK_TIMEOUT, LockTimeout);
  while (state_of(request) != RequestState::done) {
    // Set under the lock and before the latch that woke us; while it is queued no process unsets
    // it.
    if (state_of(request) == RequestState::queued && request->leads) part = Part::leads;
    if (part != Part::follows) break;
    if (InterruptPending && withdraw()) {
      CHECK_FOR_INTERRUPTS();
      part = queue_up();  // nothing was raised: others wanted something of this process
      continue;
    }
    WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, 0, PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
  }
  // A session that is to lead and has run out of time learns it from the indicator, which stays.
  disable_timeout(LOCK_TIMEOUT, true);
  if (part != Part::follows) return part;
  pg_read_barrier();  // the outcome was written before the state
  if (get_timeout_indicator(LOCK_TIMEOUT, true)) QueryCancelPending = false;  // it came too late
  return part;
}

const RequestOutcome& take_outcome() {
  Assert(claimed_count == 0);
  move_state(mine(), RequestState::done, RequestState::idle);
  group = nullptr;
  return mine()->outcome;
}

bool has_company() {
  Assert(mine()->leads);
  LWLockAcquire(partition->lock, LW_SHARED);
  const bool others = group->head != group->tail && !mine()->alone;
  LWLockRelease(partition->lock);
  return others;
}

int claim_group(GroupRequest** members, int max) {
  Assert(claimed_count == 0);
  Assert(max >= 1 && max <= group_members_max);
  LWLockAcquire(partition->lock, LW_EXCLUSIVE);
  GroupRequest* me = mine();
  Assert(me->leads && group->has_leader);
  unlink(me);
  claimed[0] = me;
  claimed_count = 1;
  int previous = -1;
  for (int i = group->head; i >= 0 && !me->alone && claimed_count < max;) {
    GroupRequest* request = &all->requests[i];
    const int next = request->next;
    if (request->alone) {
      previous = i;
    } else {
      cut_out(previous, i);
      claimed[claimed_count++] = request;
    }
    i = next;
  }
  for (int i = 0; i < claimed_count; ++i) {
    move_state(claimed[i], RequestState::queued, RequestState::claimed);
    members[i] = claimed[i];
  }
  me->leads = group->has_leader = false;
  Latch* latch = appoint_leader();
  Assert(claimed_count <= max && claimed_count <= group->members);
  Assert(queue_is_sound());
  LWLockRelease(partition->lock);
  wake(latch);
  return claimed_count;
}

GroupRequests all_requests() {
  if (all == nullptr) return {nullptr, 0};
  return {all->requests, all->request_count};
}

void publish_group() {
  if (claimed_count == 0) return;
  Assert(group != nullptr && claimed[0] == mine());
  Latch* latches[group_members_max];
  LWLockAcquire(partition->lock, LW_EXCLUSIVE);
  pg_write_barrier();  // the outcomes come before the states
  for (int i = 0; i < claimed_count; ++i) {
    claimed[i]->outcome.commit_lsn = XactLastCommitEnd;
    latches[i] = claimed[i]->latch;  // read before `done`: its owner may go away then
    move_state(claimed[i], RequestState::claimed, RequestState::done);
  }
  group->members -= claimed_count;
  Assert(queue_is_sound());
  LWLockRelease(partition->lock);
  for (int i = 0; i < claimed_count; ++i) wake(latches[i]);
  claimed_count = 0;
}

void abandon_group() {
  if (group == nullptr) return;
  if (claimed_count == 0) {
    if (state_of(mine()) == RequestState::queued) withdraw();
    group = nullptr;
    return;
  }
  LWLockAcquire(partition->lock, LW_EXCLUSIVE);
  // To the front, in their order: they have waited longest.
  Latch* latches[group_members_max];
  for (int i = claimed_count - 1; i >= 1; --i) {
    latches[i] = claimed[i]->latch;
    claimed[i]->alone = true;
    claimed[i]->next = group->head;
    group->head = number_of(claimed[i]);
    if (group->tail < 0) group->tail = group->head;
    move_state(claimed[i], RequestState::claimed, RequestState::queued);
  }
  --group->members;
  move_state(mine(), RequestState::claimed, RequestState::idle);
  appoint_leader();
  Assert(queue_is_sound());
  LWLockRelease(partition->lock);
  // All of them, not the new leader alone: one may have been asked to stop while it could not.
  for (int i = 1; i < claimed_count; ++i) wake(latches[i]);
  claimed_count = 0;
  group = nullptr;
}

}  // namespace evently
