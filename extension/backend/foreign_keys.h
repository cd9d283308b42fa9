// Spares inserts what the caller has seen to already. Backend zone.
#pragma once

#include "extension/backend/plans.h"

namespace evently {

// Of rows of bookings that a statement inserts. The caller holds locks on all events and users that
// the rows refer to, and keeps them: the foreign keys need not look at each row again. Where the
// table has other triggers for inserts, all are run.
uint64 run_without_foreign_keys(SavedPlan& plan, const Datum* arguments);

// Once per process.
void install_foreign_key_hook();

}  // namespace evently
