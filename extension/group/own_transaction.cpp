#include "extension/group/own_transaction.h"

#include "extension/backend/compat.h"
#include "extension/backend/settings.h"
#include "extension/changes/change_list.h"

extern "C" {
#include "commands/trigger.h"
}

namespace evently {
namespace {

// Statements of a pipeline before this one share its transaction, as do those of a block.
bool commits_work_of_others() {
  return (MyXactFlags & XACT_FLAGS_PIPELINING) != 0 &&
         TransactionIdIsValid(GetTopTransactionIdIfAny());
}

// No lock of the lock table, not even a session's own.
bool holds_no_lock() {
  if (holds_fast_path_lock()) return false;
  pg_read_barrier();  // others move a lock from there to here, in this order
  for (const auto& locks : MyProc->myProcLocks)
    if (!is_empty(locks)) return false;
  return true;
}

}  // namespace

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

bool may_share_a_transaction() {
  return XactIsoLevel == XACT_READ_COMMITTED && !XactReadOnly &&
         !TransactionIdIsValid(GetTopTransactionIdIfAny()) && !changed_anything() &&
         SessionReplicationRole == SESSION_REPLICATION_ROLE_ORIGIN && notify && holds_no_lock();
}

}  // namespace evently
