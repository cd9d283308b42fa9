#include "extension/changes/shared_set.h"

extern "C" {
#include "common/hashfn.h"
#include "miscadmin.h"
}

namespace evently {
namespace {

SharedState* state = nullptr;

SharedDatabase* find_or_claim() {
  SharedDatabase* mine = nullptr;
  LWLockAcquire(state->databases_lock, LW_EXCLUSIVE);
  for (int i = 0; i < state->database_count && mine == nullptr; ++i)
    if (state->databases[i].database == MyDatabaseId) mine = &state->databases[i];
  if (mine == nullptr && state->database_count < databases_max) {
    mine = &state->databases[state->database_count++];
    mine->database = MyDatabaseId;
    // What changed before the server's start is not known here: the first notification says so.
    mine->resync = true;
  }
  LWLockRelease(state->databases_lock);
  return mine;
}

// Where the event is or would be. There is always a free place: half of them stay free.
int64* place_of(SharedDatabase* database, int64 event_id) {
  Assert(event_id != 0 && database->changed_count < changed_event_places);
  uint32 place = hash_bytes(reinterpret_cast<const unsigned char*>(&event_id),
                            static_cast<int>(sizeof event_id));
  for (;; ++place) {
    int64* candidate = &database->changed_events[place % changed_event_places];
    if (*candidate == event_id || *candidate == 0) return candidate;
  }
}

}  // namespace

size_t shared_set_bytes() {
  return sizeof(SharedState);
}

int shared_set_lock_count() {
  return 1 + databases_max;
}

void place_shared_set(void* memory, bool initialise, LWLockPadded* locks) {
  state = static_cast<SharedState*>(memory);
  if (!initialise) return;
  memset(state, 0, sizeof *state);
  state->databases_lock = &locks[0].lock;
  for (int i = 0; i < databases_max; ++i) {
    SharedDatabase& database = state->databases[i];
    database.lock = &locks[1 + i].lock;
    for (auto& statistic : database.statistics) pg_atomic_init_u64(&statistic, 0);
  }
}

SharedState* shared_state() {
  return state;
}

SharedDatabase* shared_database() {
  static SharedDatabase* mine = nullptr;  // a session stays in its database
  if (mine == nullptr && state != nullptr) mine = find_or_claim();
  return mine;
}

bool notifier_serves(const SharedDatabase* database) {
  return database != nullptr && state->launcher_latch != nullptr && !database->unserved;
}

void require_shared_memory() {
  if (state != nullptr) return;
  ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                  errmsg("evently has no shared memory"),
                  errdetail("The server did not load the module when it started."),
                  errhint("Add evently to shared_preload_libraries and restart the server.")));
}

void note_changed(SharedDatabase* database, int64 event_id) {
  LWLockAcquire(database->lock, LW_EXCLUSIVE);
  const bool first = database->changed_count == 0;
  if (event_id == 0) {
    database->resync = true;
  } else {
    int64* place = place_of(database, event_id);
    if (*place == 0 && database->changed_count < changed_events_max) {
      *place = event_id;
      ++database->changed_count;
    } else if (*place == 0) {
      database->resync = true;
    }
  }
  Assert(is_sound(*database));
  Latch* latch = database->notifier_latch;
  LWLockRelease(database->lock);
  // After the first change the notifier is awake already.
  if (!first && event_id != 0) return;
  if (latch == nullptr) latch = state->launcher_latch;
  if (latch != nullptr) SetLatch(latch);
}

bool is_sound(const SharedDatabase& database) {
  int stored = 0;
  for (const int64 event_id : database.changed_events)
    if (event_id != 0) ++stored;
  return LWLockHeldByMe(database.lock) && stored == database.changed_count &&
         stored <= changed_events_max;
}

void add_to(SharedDatabase* database, Statistic statistic, uint64 amount) {
  if (amount > 0)
    pg_atomic_fetch_add_u64(&database->statistics[static_cast<int>(statistic)],
                            static_cast<int64>(amount));
}

}  // namespace evently
