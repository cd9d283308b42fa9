#include "extension/backend/subtransaction.h"

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/resowner.h"
}

namespace evently {
namespace {

bool concerns_the_session(int sqlerrcode) {
  return ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_OPERATOR_INTERVENTION ||
         sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE || sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

void copy_cut(char* to, const char* from) {
  if (from == nullptr) from = "";
  const int bytes = pg_mbcliplen(from, static_cast<int>(strlen(from)), error_bytes_max - 1);
  memcpy(to, from, bytes);
  to[bytes] = 0;
}

}  // namespace

void raise(const CaughtError& error) {
  ereport(ERROR, (errcode(error.sqlerrcode), errmsg_internal("%s", error.message),
                  error.detail[0] ? errdetail_internal("%s", error.detail) : 0,
                  error.hint[0] ? errhint("%s", error.hint) : 0));
  pg_unreachable();
}

bool in_subtransaction(void (*work)(const void* argument), const void* argument,
                       CaughtError* error) {
  const MemoryContext context = CurrentMemoryContext;
  const ResourceOwner owner = CurrentResourceOwner;
  volatile bool done = false;
  BeginInternalSubTransaction(nullptr);
  MemoryContextSwitchTo(context);
  PG_TRY();
  {
    work(argument);
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
    if (concerns_the_session(caught->sqlerrcode)) ReThrowError(caught);
    error->sqlerrcode = caught->sqlerrcode;
    copy_cut(error->message, caught->message);
    copy_cut(error->detail, caught->detail);
    copy_cut(error->hint, caught->hint);
  }
  PG_END_TRY();
  MemoryContextSwitchTo(context);
  CurrentResourceOwner = owner;
  return done;
}

}  // namespace evently
