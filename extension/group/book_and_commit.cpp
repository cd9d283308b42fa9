// book_and_commit: a booking in a transaction of its own, which sessions that book one event at
// once share. Backend zone.
#include "extension/backend/pg.h"
#include "extension/backend/row.h"
#include "extension/backend/settings.h"
#include "extension/changes/change_list.h"
#include "extension/changes/statistics.h"
#include "extension/group/group.h"
#include "extension/seats/batch.h"
#include "extension/seats/booking.h"
#include "extension/seats/refusals.h"

extern "C" {
#include "access/xlog.h"
#include "catalog/pg_proc.h"
#include "commands/trigger.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "replication/syncrep.h"
#include "storage/proc.h"
#include "utils/resowner.h"
#include "utils/syscache.h"
#include "utils/timeout.h"
}

namespace evently {
namespace {

// A procedure that commits can be neither SECURITY DEFINER nor carry SET, so it does itself what
// those would do, and undoes it before each commit. An error undoes it too: the transaction's end
// brings back the user and the settings that it began with.
struct OwnerScope {
  Oid caller;
  int caller_context;
  int settings_level;
};

OwnerScope act_as_owner(FunctionCallInfo fcinfo) {
  HeapTuple procedure = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
  if (!HeapTupleIsValid(procedure)) elog(ERROR, "cache lookup failed for book_and_commit");
  const Oid owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(procedure))->proowner;
  ReleaseSysCache(procedure);

  OwnerScope scope;
  GetUserIdAndSecContext(&scope.caller, &scope.caller_context);
  scope.settings_level = NewGUCNestLevel();
  // The same as the functions carry in sql/30_booking.sql.
  constexpr const char* settings[][2] = {{"search_path", "pg_catalog, pg_temp"},
                                         {"enable_seqscan", "off"},
                                         {"enable_bitmapscan", "off"}};
  for (const auto& setting : settings)
    set_config_option(setting[0], setting[1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                      false);
  SetUserIdAndSecContext(owner, scope.caller_context | SECURITY_LOCAL_USERID_CHANGE);
  return scope;
}

void act_as_caller(const OwnerScope& scope) {
  AtEOXact_GUC(true, scope.settings_level);
  SetUserIdAndSecContext(scope.caller, scope.caller_context);
}

// Statements of a pipeline before this one share its transaction, as do those of a block.
bool commits_work_of_others() {
  return (MyXactFlags & XACT_FLAGS_PIPELINING) != 0 &&
         TransactionIdIsValid(GetTopTransactionIdIfAny());
}

// The context is atomic also in a function, and in a subtransaction as of a block with EXCEPTION.
void require_own_transaction(FunctionCallInfo fcinfo) {
  const Node* context = fcinfo->context;
  if (context != nullptr && IsA(context, CallContext) &&
      !reinterpret_cast<const CallContext*>(context)->atomic && !commits_work_of_others())
    return;
  ereport(ERROR, (errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
                  errmsg("book_and_commit cannot run inside a transaction block"),
                  errdetail("It commits, and so would commit what came before it. Functions, "
                            "blocks with EXCEPTION and pipelines that wrote are such blocks too."),
                  errhint("Use evently.book, which is part of your transaction.")));
}

// No lock of the lock table, not even a session's own.
bool holds_no_lock() {
  if (MyProc->fpLockBits != 0) return false;
  pg_read_barrier();  // others move a lock from there to here, in this order
  for (auto& locks : MyProc->myProcLocks) {
#if PG_VERSION_NUM >= 160000
    if (!dlist_is_empty(&locks)) return false;
#else
    if (!SHMQueueEmpty(&locks)) return false;
#endif
  }
  return true;
}

// What a leader does for others must be what they would do themselves; and who waits for a leader
// must hold nothing that he could need, since no deadlock detector sees that wait.
bool may_share_a_transaction() {
  return XactIsoLevel == XACT_READ_COMMITTED && !XactReadOnly &&
         !TransactionIdIsValid(GetTopTransactionIdIfAny()) && !changed_anything() &&
         SessionReplicationRole == SESSION_REPLICATION_ROLE_ORIGIN && notify && holds_no_lock();
}

// --- what came of it ---

void set_outcome(const Batch& batch, int position, RequestOutcome* outcome) {
  const BatchItem& item = batch.items[position];
  *outcome = {};
  outcome->decision = item.decision;
  outcome->event = batch.event;
  outcome->event.seats_available = batch.counter.seats_available;
  outcome->counter = batch.counter;
  int booking = position;
  if (item.key_owner >= 0 && item.decision.outcome == Outcome::refused) {
    const KeyState& key = batch.items[item.key_owner].key_state;
    outcome->earlier = key.earlier;
    booking = key.by_item < 0 ? item.key_owner : key.by_item;
  }
  outcome->booking_id = batch.bookings[booking].id;
  outcome->created_at = batch.bookings[booking].created_at;
  if (batch.bookings[booking].status != nullptr)
    strlcpy(outcome->status, batch.bookings[booking].status, sizeof outcome->status);
}

void set_error(const ErrorData& caught, RequestError* error) {
  const auto copy = [](char* to, const char* from) {
    if (from == nullptr) from = "";
    const int bytes = pg_mbcliplen(from, static_cast<int>(strlen(from)), error_bytes_max - 1);
    memcpy(to, from, bytes);
    to[bytes] = 0;
  };
  error->sqlerrcode = caught.sqlerrcode;
  copy(error->message, caught.message);
  copy(error->detail, caught.detail);
  copy(error->hint, caught.hint);
}

[[noreturn]] void raise(const RequestError& error) {
  ereport(ERROR, (errcode(error.sqlerrcode), errmsg_internal("%s", error.message),
                  error.detail[0] ? errdetail_internal("%s", error.detail) : 0,
                  error.hint[0] ? errhint("%s", error.hint) : 0));
  pg_unreachable();
}

void raise_refusal(const BookingRequest& request, const RequestOutcome& outcome) {
  if (outcome.error.sqlerrcode != 0) raise(outcome.error);
  if (outcome.decision.outcome != Outcome::refused) return;
  if (outcome.decision.refusal->refusal == Refusal::idempotency_key_reused)
    refuse_reused_key(*outcome.decision.refusal, outcome.booking_id, outcome.earlier);
  refuse_booking(outcome.decision, request, outcome.event);
}

Datum row_of(FunctionCallInfo fcinfo, const RequestOutcome& outcome) {
  const bool replayed = outcome.decision.outcome == Outcome::replayed;
  const Datum values[] = {
      Int64GetDatum(outcome.booking_id),       CStringGetTextDatum(outcome.status),
      TimestampTzGetDatum(outcome.created_at), BoolGetDatum(replayed),
      Int64GetDatum(outcome.counter.version),  Int32GetDatum(outcome.counter.seats_available)};
  bool nulls[lengthof(values)] = {};
  nulls[4] = nulls[5] = replayed;
  return row_datum(fcinfo, values, nulls);
}

// --- the parts ---

// As book does, and then the commit. What is refused is raised from within.
RequestOutcome book_one(const KeyedRequest& keyed, const OwnerScope& scope) {
  const Booked booked = book(keyed);
  RequestOutcome outcome = {};
  outcome.decision.outcome = booked.replayed ? Outcome::replayed : Outcome::booked;
  outcome.booking_id = booked.booking_id;
  outcome.created_at = booked.created_at;
  outcome.counter = booked.counter;
  strlcpy(outcome.status, text_to_cstring(booked.status), sizeof outcome.status);
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

// The wish to stop, or a lock that was not to be had, is the leader's own matter.
bool is_leaders_own(int sqlerrcode) {
  return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION ||
         sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE || sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

// Runs `work` in a subtransaction, so that an error of one member is not the end of all. Its xid
// also locks and updates the event: two different ones on one row would make a multixact. False,
// with the error, when `work` raised one and all that it did is undone. Also what is the leader's
// own is raised outside: the server would undo no more than the subtransaction, and the session
// would stay in it.
template <class Work>
bool in_subtransaction(const Work& work, RequestError* error) {
  const MemoryContext context = CurrentMemoryContext;
  const ResourceOwner owner = CurrentResourceOwner;
  volatile bool done = false;
  BeginInternalSubTransaction(nullptr);
  MemoryContextSwitchTo(context);
  PG_TRY();
  {
    work();
    ReleaseCurrentSubTransaction();
    done = true;
  }
  PG_CATCH();
  {
    MemoryContextSwitchTo(context);
    ErrorData* caught = CopyErrorData();
    FlushErrorState();
    RollbackAndReleaseCurrentSubTransaction();
    MemoryContextSwitchTo(context);
    CurrentResourceOwner = owner;
    if (is_leaders_own(caught->sqlerrcode)) ReThrowError(caught);
    set_error(*caught, error);
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = owner;
  return done;
}

// Books all members, or raises the error of one.
void book_members(GroupRequest* const* members, int count) {
  Batch batch = batch_of(members, count);
  book_batch(&batch);
  // What others have deferred to the commit would fail there, where nobody could tell for whom.
  ConstraintsSetStmt* all_immediate = makeNode(ConstraintsSetStmt);
  AfterTriggerSetState(all_immediate);
  for (int i = 0; i < count; ++i) set_outcome(batch, i, &members[i]->outcome);
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

// Leads a group: waits for the event's lock, claims whoever has come by then, books for all and
// commits. When one of them raises an error, each is booked by himself under the same lock.
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

  // All locks that are known come before the claim: whoever is claimed cannot give up waiting.
  lock_tables();
  volatile int count = 0;
  RequestError error;
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

// The leader's commit is durable by his own session's standards or better; a wait for a standby
// that he was made to break off is still ours to wait for.
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

// A booking that is made is told of, even to somebody whose wish to stop came too late.
void forget_late_interrupts() {
  disable_timeout(STATEMENT_TIMEOUT, false);
  get_timeout_indicator(LOCK_TIMEOUT, true);
  QueryCancelPending = false;
}

RequestOutcome book_in_company(FunctionCallInfo fcinfo, const KeyedRequest& keyed, bool in_block) {
  // What may fail in a block's commit, as keeping its open cursors, fails before anybody books.
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
