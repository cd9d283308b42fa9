// DROP EXTENSION evently would take every booking with it. Backend zone.
#include "extension/pg.h"
#include "extension/pg_plans.h"
#include "extension/pg_settings.h"

namespace evently {
namespace {

// DROP EXTENSION evently, or DROP SCHEMA evently, alone or in a list; or of plpgsql, whose CASCADE
// takes evently along.
bool names_evently(const DropStmt* drop) {
  if (drop->removeType != OBJECT_EXTENSION && drop->removeType != OBJECT_SCHEMA) return false;
  ListCell* cell;
  foreach (cell, drop->objects) {
    const char* name = strVal(lfirst(cell));
    if (strcmp(name, "evently") == 0) return true;
    if (drop->removeType == OBJECT_EXTENSION && strcmp(name, "plpgsql") == 0) return true;
  }
  return false;
}

bool any_booking() {
  SPI_connect();
  const bool any = run(Plan::any_booking, nullptr) > 0;
  SPI_finish();
  return any;
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_guard_drop);

// Called before the command looks at anything, so the tables are still whole.
Datum evently_guard_drop(PG_FUNCTION_ARGS) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) elog(ERROR, "guard_drop is an event trigger");
  const auto* trigger = reinterpret_cast<EventTriggerData*>(fcinfo->context);
  if (!IsA(trigger->parsetree, DropStmt)) PG_RETURN_NULL();

  const auto* drop = reinterpret_cast<const DropStmt*>(trigger->parsetree);
  if (evently::names_evently(drop) && !evently::allow_drop && evently::any_booking())
    ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE), errmsg("there are bookings"),
                    errdetail("Dropping the extension would delete them."),
                    errhint("SET evently.allow_drop = on; then drop it again.")));
  PG_RETURN_NULL();
}
}
