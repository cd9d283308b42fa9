// DROP EXTENSION evently, by whatever command, would take every booking with it. Backend zone.
#include "extension/backend/pg.h"
#include "extension/backend/plans.h"
#include "extension/backend/settings.h"

extern "C" {
#include "utils/acl.h"
}

namespace evently {
namespace {

SavedPlan any_booking = {"SELECT 1 FROM evently.bookings LIMIT 1", 0, {}};

// This extension, or the one whose CASCADE takes it along; or the schema, which all of it stands
// in. Operators are qualified, as the statement runs under the search_path of the session that
// drops.
SavedPlan owned_extension = {
    "SELECT 1 FROM pg_catalog.pg_extension e WHERE e.extowner OPERATOR(pg_catalog.=) $1 "
    "AND (e.extname OPERATOR(pg_catalog.=) 'evently' "
    "OR e.extname OPERATOR(pg_catalog.=) 'plpgsql') "
    "UNION ALL SELECT 1 FROM pg_catalog.pg_namespace n WHERE n.nspowner OPERATOR(pg_catalog.=) $1 "
    "AND n.nspname OPERATOR(pg_catalog.=) 'evently'",
    1,
    {OIDOID}};

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

bool finds_any(SavedPlan& plan, const Datum* arguments) {
  SPI_connect();
  const bool any = run(plan, arguments) > 0;
  SPI_finish();
  return any;
}

// DROP OWNED BY the role that created the extension drops it, too.
bool names_its_owner(const DropOwnedStmt* drop) {
  ListCell* cell;
  foreach (cell, drop->roles) {
    const Datum role[] = {ObjectIdGetDatum(get_rolespec_oid(lfirst_node(RoleSpec, cell), false))};
    if (finds_any(owned_extension, role)) return true;
  }
  return false;
}

bool may_drop_evently(const Node* command) {
  if (IsA(command, DropStmt)) return names_evently(reinterpret_cast<const DropStmt*>(command));
  if (IsA(command, DropOwnedStmt))
    return names_its_owner(reinterpret_cast<const DropOwnedStmt*>(command));
  return false;
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_guard_drop);

// Called before the command looks at anything, so the tables are still whole.
Datum evently_guard_drop(PG_FUNCTION_ARGS) {
  if (!CALLED_AS_EVENT_TRIGGER(fcinfo)) elog(ERROR, "guard_drop is an event trigger");
  const auto* trigger = reinterpret_cast<EventTriggerData*>(fcinfo->context);
  if (!evently::allow_drop && evently::may_drop_evently(trigger->parsetree) &&
      evently::finds_any(evently::any_booking, nullptr))
    ereport(ERROR, (errcode(ERRCODE_OBJECT_IN_USE), errmsg("there are bookings"),
                    errdetail("Dropping the extension would delete them."),
                    errhint("SET evently.allow_drop = on; then drop it again.")));
  PG_RETURN_NULL();
}
}
