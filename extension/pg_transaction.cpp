// The order in which the rooms hear of a transaction's end; what they do then is theirs.
#include "extension/pg_transaction.h"

#include "extension/backend/pg.h"
#include "extension/changes/change_list.h"
#include "extension/group/group.h"
#include "extension/seats/inventory.h"

namespace evently {
namespace {

void on_transaction_end(XactEvent event, void*) {
  switch (event) {
    case XACT_EVENT_PRE_PREPARE:
      refuse_to_prepare_changes();
      break;
    case XACT_EVENT_COMMIT:
      // An error after the commit would be a PANIC: what is called here cannot raise one.
      publish_changes();
      publish_group();
      forget_changes();
      forget_rows_held();
      break;
    case XACT_EVENT_ABORT:
      abandon_group();
      forget_changes();
      forget_rows_held();
      break;
    default:
      break;
  }
}

void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  if (event == SUBXACT_EVENT_COMMIT_SUB) end_subtransaction_changes(true);
  if (event == SUBXACT_EVENT_ABORT_SUB) end_subtransaction_changes(false);
}

}  // namespace

void register_transaction_callbacks() {
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

}  // namespace evently
