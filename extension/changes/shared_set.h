// What all backends of the server share: which events changed, and the statistics. It exists only
// when shared_preload_libraries names evently. Backend zone.
//
// A database gets a slot on the first change in it and keeps it until the server restarts. Locks:
// `databases_lock` guards which slot is which database's; each slot's `lock` guards its changed
// events and its worker. A process that holds a slot's lock waits for nothing. Statistics are
// atomic and need no lock.
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
// Events of a database between two notifications; beyond that "resync".
constexpr int changed_events_max = 1024;
// A power of two, twice as many, so that a place is found fast.
constexpr int changed_event_places = 2 * changed_events_max;

struct SharedDatabase {
  Oid database;  // guarded by databases_lock; never changes once set
  pg_atomic_uint64 statistics[static_cast<int>(Statistic::count)];

  LWLock* lock;                                // set at start; guards all below
  bool resync;                                 // all events may have changed
  int changed_count;                           // how many of the places below are taken
  int64 changed_events[changed_event_places];  // hashed; 0 is a free place
  Latch* notifier_latch;                       // of the running notifier; null when there is none
  int notifier_pid;
  int failed_starts;
  bool unserved;  // no notifier could be started: transactions notify themselves meanwhile
};

struct SharedState {
  LWLock* databases_lock;
  Latch* launcher_latch;  // guarded by databases_lock, read without; null: no launcher runs
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

// True while a notifier, or the launcher that will start one, sends this database's changes; false
// for null, and then transactions notify themselves.
bool notifier_serves(const SharedDatabase* database);

// Raises 55000 with what to set, when the module was not preloaded.
void require_shared_memory();

// Notes that an event has changed, or all when event_id is 0, and wakes the notifier or the
// launcher. Safe after the commit: it cannot fail, and waits only for the slot's lock.
void note_changed(SharedDatabase* database, int64 event_id);

// For assertions, under the slot's lock: whether `changed_count` is what is stored.
bool is_sound(const SharedDatabase& database);

void add_to(SharedDatabase* database, Statistic statistic, uint64 amount);

}  // namespace evently
