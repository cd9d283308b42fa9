// book_and_commit: a booking in a transaction of its own, which sessions that book one event at
// once share. Backend zone.
#include "extension/backend/owner_scope.h"
#include "extension/backend/pg.h"
#include "extension/backend/subtransaction.h"
#include "extension/changes/statistics.h"
#include "extension/group/group.h"
#include "extension/group/outcome.h"
#include "extension/group/own_transaction.h"
#include "extension/seats/batch.h"
#include "extension/seats/booking.h"

extern "C" {
#include "access/xlog.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "replication/syncrep.h"
#include "utils/timeout.h"
}

namespace evently {
namespace {

// As book does, and then the commit. What is refused is raised from within.
RequestOutcome book_one(const KeyedRequest& keyed, const OwnerScope& scope) {
  const Booked booked = book(keyed);
  const RequestOutcome outcome = outcome_of(booked);
  act_as_caller(scope);
  SPI_commit();
  return outcome;
}

Batch batch_of(GroupRequest* const* members, int count) {
  Batch batch = make_batch(members[0]->request.event_id, count);
  for (int i = 0; i < count; ++i) {
    batch.items[i].request = members[i]->request;
    batch.items[i].key = members[i]->key_bytes == 0 ? nullptr : members[i]->key;
    batch.items[i].key_bytes = members[i]->key_bytes;
  }
  return batch;
}

// Books all members, or raises the error of one.
void book_members(GroupRequest* const* members, int count) {
  Batch batch = batch_of(members, count);
  book_batch(&batch);
  // Constraints that others deferred to the commit would fail there, where it is not known whose
  // booking is at fault.
  ConstraintsSetStmt* all_immediate = makeNode(ConstraintsSetStmt);
  AfterTriggerSetState(all_immediate);
  for (int i = 0; i < count; ++i) members[i]->outcome = outcome_of(batch, i);
}

// What the strictest of them wants of a commit, for this transaction.
void commit_as_strictest(GroupRequest* const* members, int count) {
  static const char* const names[] = {"off", "local", "remote_write", "on", "remote_apply"};
  static_assert(SYNCHRONOUS_COMMIT_OFF == 0 && SYNCHRONOUS_COMMIT_REMOTE_FLUSH == 3 &&
                    SYNCHRONOUS_COMMIT_REMOTE_APPLY == 4,
                "names are in the order of strictness");
  int strictest = synchronous_commit;
  for (int i = 0; i < count; ++i) strictest = Max(strictest, members[i]->synchronous_commit);
  if (strictest == synchronous_commit) return;
  set_config_option("synchronous_commit", names[strictest], PGC_USERSET, PGC_S_SESSION,
                    GUC_ACTION_LOCAL, true, 0, false);
}

void count_group(int members) {
  count_now(Statistic::groups);
  count_now(Statistic::group_members, members);
}

// Leads a group: waits for the event's lock, claims the requests that have come by then, books for
// all and commits. When one of them raises an error, each is booked by itself under the same lock.
RequestOutcome lead(const KeyedRequest& keyed, const OwnerScope& scope) {
  const int64 event_id = keyed.request.event_id;
  queue_for_event(event_id);
  GroupRequest* members[group_members_max];
  if (!has_company()) {
    claim_group(members, 1);
    count_group(1);
    RequestOutcome outcome = book_one(keyed, scope);
    take_outcome();
    return outcome;
  }

  // All locks that are known come before the claim: a claimed request cannot give up waiting.
  lock_tables();
  volatile int count = 0;
  CaughtError error;
  // Subtransactions, so that an error of one member is not the end of all. The event is locked
  // within, by the xid that will update it: two different ones on one row would make a multixact.
  const auto book_all = [&] {
    EventFacts event;
    lock_event(event_id, &event);
    count = claim_group(members, group_members_max);
    book_members(members, count);
  };
  if (!in_subtransaction(book_all, &error)) {
    if (count == 0) raise(error);
    for (int i = 0; i < count; ++i) {
      if (in_subtransaction([&] { book_members(&members[i], 1); }, &error)) continue;
      members[i]->outcome = {};
      members[i]->outcome.error = error;
    }
  }
  count_group(count);
  act_as_caller(scope);
  commit_as_strictest(members, count);
  SPI_commit();
  return take_outcome();
}

// The leader's commit is durable by the leader's own settings or better. A wait for a standby that
// the leader was made to break off is still this session's to wait for.
RequestOutcome follow(bool in_block) {
  const RequestOutcome outcome = take_outcome();
  HOLD_INTERRUPTS();
  SyncRepWaitForLSN(outcome.commit_lsn, true);
  RESUME_INTERRUPTS();
  // What a block does next must see the booking and commit by itself. Alone, the statement's end is
  // the end of a transaction that wrote nothing.
  if (in_block) SPI_commit();
  return outcome;
}

// A booking that is made is returned, even to a caller whose cancel or timeout came too late.
void forget_late_interrupts() {
  disable_timeout(STATEMENT_TIMEOUT, false);
  get_timeout_indicator(LOCK_TIMEOUT, true);
  QueryCancelPending = false;
}

RequestOutcome book_in_company(FunctionCallInfo fcinfo, const KeyedRequest& keyed, bool in_block) {
  // What may fail in a block's commit, as keeping its open cursors, fails before the booking.
  if (in_block && may_share_a_transaction()) SPI_commit();
  Part part = may_share_a_transaction() ? join_group(keyed.request, keyed.key) : Part::alone;
  if (part == Part::follows) {
    part = await_outcome();
    if (part == Part::follows) return follow(in_block);
  }
  const OwnerScope scope = act_as_owner(fcinfo);
  return part == Part::leads ? lead(keyed, scope) : book_one(keyed, scope);
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_book_and_commit);

Datum evently_book_and_commit(PG_FUNCTION_ARGS) {
  evently::require_own_transaction(fcinfo);
  const evently::KeyedRequest keyed = evently::read_request(fcinfo);
  const bool in_block = SPI_inside_nonatomic_context();  // of PL/pgSQL, say
  SPI_connect_ext(SPI_OPT_NONATOMIC);
  const evently::RequestOutcome outcome = evently::book_in_company(fcinfo, keyed, in_block);
  // A block goes on, and should stop then.
  if (!in_block) evently::forget_late_interrupts();
  evently::raise_refusal(keyed.request, outcome);
  SPI_finish();
  return evently::row_of(fcinfo, outcome);
}
}
