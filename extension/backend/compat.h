// Where PostgreSQL 15 to 18 differ: no other file asks for the version. Backend zone.
#pragma once

#include "extension/backend/pg.h"

extern "C" {
#include "storage/proc.h"
}

// 18 shows a module's name and version in pg_get_loaded_modules().
#ifdef PG_MODULE_MAGIC_EXT
#define EVENTLY_MODULE_MAGIC PG_MODULE_MAGIC_EXT(.name = "evently", .version = EVENTLY_VERSION)
#else
#define EVENTLY_MODULE_MAGIC PG_MODULE_MAGIC
#endif

namespace evently {

// True when this process holds a lock that only its own entry shows. 18 has an array of groups.
inline bool holds_fast_path_lock() {
#if PG_VERSION_NUM >= 180000
  for (int group = 0; group < FastPathLockGroupsPerBackend; ++group)
    if (MyProc->fpLockBits[group] != 0) return true;
  return false;
#else
  return MyProc->fpLockBits != 0;
#endif
}

// True when a list of the lock table is empty. 16 replaced the type.
#if PG_VERSION_NUM >= 160000
inline bool is_empty(const dlist_head& locks) {
  return dlist_is_empty(&locks);
}
#else
inline bool is_empty(const SHM_QUEUE& locks) {
  return SHMQueueEmpty(&locks);
}
#endif

}  // namespace evently
