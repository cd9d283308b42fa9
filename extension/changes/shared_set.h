// What all backends of the server share: which events changed, and how often what happened. It is
// there only when shared_preload_libraries names evently. Backend zone.
//
// A database gets a slot on the first change in it and keeps it until the server restarts. Locks:
// `databases_lock` guards who has which slot; each slot's `lock` guards its marks and its worker.
// Whoever holds a slot's lock waits for nothing. Statistics are atomic and need none.
#pragma once

#include "extension/backend/pg.h"
#include "extension/changes/statistics.h"

extern "C" {
#include "port/atomics.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
}

namespace evently {

constexpr char inventory_channel[] = "evently_inventory";

constexpr int databases_max = 64;  // one beyond it notifies in its transactions
constexpr int marked_max = 1024;   // events of a database between two notifications; then "resync"
constexpr int mark_places =
    2048;  // a power of two, twice marked_max, so that places are found fast

struct SharedDatabase {
  Oid database;  // guarded by databases_lock; never changes once set
  pg_atomic_uint64 statistics[static_cast<int>(Statistic::count)];

  LWLock* lock;               // set at start; guards all below
  bool resync;                // all events may have changed
  int marked;                 // how many events are marked
  int64 events[mark_places];  // the marked ones, hashed; 0 is a free place
  Latch* notifier_latch;      // of the running notifier; null when there is none
  int notifier_pid;
  int failed_starts;
  bool unserved;  // no notifier could be started: transactions notify themselves meanwhile
};

struct SharedState {
  LWLock* databases_lock;
  Latch* launcher_latch;  // guarded by databases_lock, read without; null: nobody starts notifiers
  int database_count;     // guarded by databases_lock
  SharedDatabase databases[databases_max];
};

// For pg_shared_memory: what this needs of it, and where it is.
size_t shared_set_bytes();
int shared_set_lock_count();
void place_shared_set(void* memory, bool initialise, LWLockPadded* locks);

// Null when the module was not preloaded.
SharedState* shared_state();

// The slot of this session's database. Null without shared memory, and for a database too many.
SharedDatabase* shared_database();

// True while a notifier, or the launcher that will start one, tells of this database's changes;
// false for null, and then transactions notify themselves.
bool notifier_serves(const SharedDatabase* database);

// Raises 55000 with what to set, when the module was not preloaded.
void require_shared_memory();

// Marks an event as changed, or all when event_id is 0, and wakes whoever tells of it. Safe after
// the commit: it cannot fail and waits for nobody but the holder of the slot's lock.
void mark_changed(SharedDatabase* database, int64 event_id);

void add_to(SharedDatabase* database, Statistic statistic, uint64 amount);

}  // namespace evently
