// Background workers send the notifications, so that no booking has to: NOTIFY holds one lock of
// the whole cluster from before the commit until its WAL is flushed. Backend zone.
//
// A launcher without a database waits for changed events and starts a notifier for each database
// that has some. A notifier gathers them for a moment, sends them in a transaction of its own, and
// ends when nothing changes: DROP DATABASE waits five seconds for connections, and so never for it.
#include "extension/changes/notifier.h"

#include "extension/backend/pg.h"
#include "extension/changes/shared_set.h"

extern "C" {
#include "libpq/pqsignal.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/wait_event.h"

PGDLLEXPORT void evently_launcher_main(Datum argument);
PGDLLEXPORT void evently_notifier_main(Datum argument);
}

namespace evently {
namespace {

constexpr int gather_ms = 25;          // changes within it share a notification
constexpr int idle_ms_max = 2000;      // well below the five seconds of DROP DATABASE
constexpr int restart_delay_ms = 100;  // listeners should not wait a second
constexpr int failed_starts_max = 50;  // in a row; then what cannot be sent is dropped

constexpr size_t payload_bytes_max = 7900;  // PostgreSQL's own limit is 7,999
constexpr size_t id_bytes_max = 21;         // a comma and 20 digits

// These two under the slot's lock.
bool has_changes(const SharedDatabase& database) {
  return database.changed_count > 0 || database.resync;
}

void clear_changes(SharedDatabase* database) {
  Assert(is_sound(*database));
  memset(database->changed_events, 0, sizeof database->changed_events);
  database->changed_count = 0;
  database->resync = false;
}

// `name` also names its type in pg_stat_activity.
BackgroundWorker worker_of(const char* name, const char* function, int flags, int restart_time_s) {
  BackgroundWorker worker = {};
  worker.bgw_flags = flags;
  worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
  worker.bgw_restart_time = restart_time_s;
  strlcpy(worker.bgw_library_name, "evently", sizeof worker.bgw_library_name);
  strlcpy(worker.bgw_function_name, function, sizeof worker.bgw_function_name);
  strlcpy(worker.bgw_name, name, sizeof worker.bgw_name);
  strlcpy(worker.bgw_type, name, sizeof worker.bgw_type);
  return worker;
}

// --- the launcher ---

struct Start {
  BackgroundWorkerHandle* handle;  // of the notifier started last; null when it has ended
  TimestampTz not_before;
};
Start starts[databases_max];

void forget_launcher(int, Datum) {
  LWLockAcquire(shared_state()->databases_lock, LW_EXCLUSIVE);
  shared_state()->launcher_latch = nullptr;
  LWLockRelease(shared_state()->databases_lock);
}

bool start_notifier(int slot) {
  BackgroundWorker worker =
      worker_of("evently notifier", "evently_notifier_main",
                BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION, BGW_NEVER_RESTART);
  worker.bgw_main_arg = Int32GetDatum(slot);
  worker.bgw_notify_pid = MyProcPid;
  if (!RegisterDynamicBackgroundWorker(&worker, &starts[slot].handle)) return false;
  SharedDatabase* database = &shared_state()->databases[slot];
  LWLockAcquire(database->lock, LW_EXCLUSIVE);
  ++database->failed_starts;  // until one has sent something
  LWLockRelease(database->lock);
  return true;
}

// Without a notifier transactions notify themselves. What changed until now waits, or is given up
// where no notifier could ever start, as in a database that was dropped.
void leave_unserved(SharedDatabase* database, bool give_up) {
  LWLockAcquire(database->lock, LW_EXCLUSIVE);
  database->unserved = true;
  if (give_up) clear_changes(database);
  LWLockRelease(database->lock);
}

// True while this database needs another look soon.
bool look_after(int slot, TimestampTz now) {
  SharedDatabase* database = &shared_state()->databases[slot];
  Start* start = &starts[slot];
  pid_t pid;
  if (start->handle != nullptr) {
    const BgwHandleStatus status = GetBackgroundWorkerPid(start->handle, &pid);
    if (status != BGWH_STOPPED) return false;  // its end will wake the launcher
    pfree(start->handle);
    start->handle = nullptr;
  }

  LWLockAcquire(database->lock, LW_SHARED);
  const bool is_due = has_changes(*database) && database->notifier_latch == nullptr;
  const bool unserved = database->unserved;
  const bool gives_up = database->failed_starts >= failed_starts_max;
  LWLockRelease(database->lock);
  if (!is_due) return false;
  if (now < start->not_before) return true;
  start->not_before = TimestampTzPlusMilliseconds(now, restart_delay_ms);
  if (gives_up) {
    leave_unserved(database, true);
    return false;
  }
  if (start_notifier(slot)) return true;
  if (!unserved)
    ereport(LOG, (errmsg("evently: no background worker is free to send notifications"),
                  errdetail("Transactions notify themselves meanwhile, which is slower."),
                  errhint("Raise max_worker_processes.")));
  leave_unserved(database, false);
  return true;
}

// --- the notifier ---

SharedDatabase* served = nullptr;
bool unsent = false;  // changed events were taken and not yet sent

// Under the slot's lock. Once this notifier has left, another may have taken its place.
void step_down() {
  Assert(LWLockHeldByMe(served->lock));
  if (served->notifier_pid != MyProcPid) return;
  served->notifier_latch = nullptr;
  served->notifier_pid = 0;
}

void forget_notifier(int, Datum) {
  LWLockAcquire(served->lock, LW_EXCLUSIVE);
  step_down();
  if (unsent) served->resync = true;
  LWLockRelease(served->lock);
}

// False when another notifier serves this database already.
bool enter() {
  LWLockAcquire(served->lock, LW_EXCLUSIVE);
  const bool free = served->notifier_latch == nullptr;
  if (free) {
    served->notifier_latch = MyLatch;
    served->notifier_pid = MyProcPid;
  }
  LWLockRelease(served->lock);
  if (free) before_shmem_exit(forget_notifier, Datum{0});
  return free;
}

struct ChangedEvents {
  bool resync;
  int count;
  int64 ids[changed_events_max];
};

void take_changed_events(ChangedEvents* changed) {
  changed->count = 0;
  LWLockAcquire(served->lock, LW_EXCLUSIVE);
  changed->resync = served->resync;
  for (const int64 event_id : served->changed_events)
    if (event_id != 0) changed->ids[changed->count++] = event_id;
  clear_changes(served);
  unsent = changed->resync || changed->count > 0;
  LWLockRelease(served->lock);
}

// As many ids as a payload holds, separated by commas; the listener reads the events' seats itself.
// Returns how many notifications that made.
uint64 notify_of(const ChangedEvents& changed) {
  if (changed.resync) {
    Async_Notify(inventory_channel, "resync");
    return 1;
  }
  char payload[payload_bytes_max + 1];
  size_t length = 0;
  uint64 sent = 0;
  for (int i = 0; i < changed.count; ++i) {
    length += snprintf(payload + length, sizeof payload - length, length == 0 ? "%lld" : ",%lld",
                       static_cast<long long>(changed.ids[i]));
    if (length + id_bytes_max <= payload_bytes_max && i + 1 < changed.count) continue;
    Async_Notify(inventory_channel, payload);
    ++sent;
    length = 0;
  }
  return sent;
}

// False when there was nothing to send.
bool send_notifications() {
  static ChangedEvents changed;
  take_changed_events(&changed);
  if (!unsent) return false;
  StartTransactionCommand();
  const uint64 sent = notify_of(changed);
  CommitTransactionCommand();
  unsent = false;
  LWLockAcquire(served->lock, LW_EXCLUSIVE);
  served->unserved = false;
  served->failed_starts = 0;
  LWLockRelease(served->lock);
  add_to(served, Statistic::notifications, sent);
  if (changed.resync) add_to(served, Statistic::resyncs, 1);
  return true;
}

// Ends only when nothing changed in between: a later change finds no notifier here, and wakes the
// launcher.
bool leave_when_idle() {
  LWLockAcquire(served->lock, LW_EXCLUSIVE);
  const bool leaves = !has_changes(*served);
  if (leaves) step_down();
  LWLockRelease(served->lock);
  return leaves;
}

bool is_over(int events, int timeout_ms) {
  const int happened =
      WaitLatch(MyLatch, events | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, timeout_ms, PG_WAIT_EXTENSION);
  CHECK_FOR_INTERRUPTS();
  return (happened & WL_TIMEOUT) != 0;
}

void serve() {
  for (;;) {
    ResetLatch(MyLatch);
    // Not woken by changes meanwhile, or each of them would have to set the latch.
    is_over(0, gather_ms);
    if (send_notifications()) continue;
    pgstat_report_activity(STATE_IDLE, nullptr);
    if (is_over(WL_LATCH_SET, idle_ms_max) && leave_when_idle()) return;
  }
}

void handle_signals() {
  pqsignal(SIGTERM, die);
  // By it the postmaster tells the launcher that a notifier has ended; a worker without a database
  // ignores it by default.
  pqsignal(SIGUSR1, procsignal_sigusr1_handler);
  BackgroundWorkerUnblockSignals();
}

}  // namespace

void register_launcher() {
  constexpr int restart_time_s = 1;  // until then transactions notify themselves
  BackgroundWorker worker =
      worker_of("evently launcher", "evently_launcher_main", BGWORKER_SHMEM_ACCESS, restart_time_s);
  RegisterBackgroundWorker(&worker);
}

}  // namespace evently

void evently_launcher_main(Datum) {
  using namespace evently;
  SharedState* state = shared_state();
  before_shmem_exit(forget_launcher, Datum{0});
  handle_signals();
  LWLockAcquire(state->databases_lock, LW_EXCLUSIVE);
  state->launcher_latch = MyLatch;
  LWLockRelease(state->databases_lock);
  MemoryContextSwitchTo(TopMemoryContext);  // the handles live as long as the launcher

  for (;;) {
    ResetLatch(MyLatch);
    LWLockAcquire(state->databases_lock, LW_SHARED);
    const int count = state->database_count;
    LWLockRelease(state->databases_lock);
    bool soon = false;
    const TimestampTz now = GetCurrentTimestamp();
    for (int slot = 0; slot < count; ++slot) soon |= look_after(slot, now);
    const int events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH | (soon ? WL_TIMEOUT : 0);
    WaitLatch(MyLatch, events, restart_delay_ms, PG_WAIT_EXTENSION);
    CHECK_FOR_INTERRUPTS();
  }
}

void evently_notifier_main(Datum argument) {
  using namespace evently;
  served = &shared_state()->databases[DatumGetInt32(argument)];
  handle_signals();
  BackgroundWorkerInitializeConnectionByOid(served->database, InvalidOid, 0);
  // What it sends is durable already, and after a crash all is read anew: no flush of its own.
  SetConfigOption("synchronous_commit", "off", PGC_USERSET, PGC_S_SESSION);
  if (enter()) serve();
}
