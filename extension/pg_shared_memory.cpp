// The server's two hooks for shared memory: each room is asked for its needs, then given its place.
#include "extension/pg_shared_memory.h"

#include "extension/changes/shared_set.h"
#include "extension/group/group.h"

extern "C" {
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/shmem.h"
}

namespace evently {
namespace {

struct Share {
  const char* name;
  size_t (*bytes)();
  int (*lock_count)();
  // Everywhere; `initialise` in the first process only.
  void (*place)(void* memory, bool initialise, LWLockPadded* locks);
};

constexpr Share shares[] = {
    {"evently", shared_set_bytes, shared_set_lock_count, place_shared_set},
    {"evently groups", groups_bytes, groups_lock_count, place_groups},
};

constexpr char tranche[] = "evently";

shmem_request_hook_type previous_request_hook = nullptr;
shmem_startup_hook_type previous_startup_hook = nullptr;

void request() {
  if (previous_request_hook != nullptr) previous_request_hook();
  int lock_count = 0;
  for (const Share& share : shares) {
    RequestAddinShmemSpace(MAXALIGN(share.bytes()));
    lock_count += share.lock_count();
  }
  RequestNamedLWLockTranche(tranche, lock_count);
}

void start_up() {
  if (previous_startup_hook != nullptr) previous_startup_hook();
  LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
  LWLockPadded* locks = GetNamedLWLockTranche(tranche);
  for (const Share& share : shares) {
    bool found = false;
    void* memory = ShmemInitStruct(share.name, share.bytes(), &found);
    share.place(memory, !found, locks);
    locks += share.lock_count();
  }
  LWLockRelease(AddinShmemInitLock);
}

}  // namespace

void request_shared_memory() {
  previous_request_hook = shmem_request_hook;
  shmem_request_hook = request;
  previous_startup_hook = shmem_startup_hook;
  shmem_startup_hook = start_up;
}

}  // namespace evently
