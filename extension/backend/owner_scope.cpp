#include "extension/backend/owner_scope.h"

extern "C" {
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "utils/syscache.h"
}

namespace evently {
namespace {

Oid owner_of(Oid function) {
  HeapTuple procedure = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(procedure)) elog(ERROR, "cache lookup failed for function %u", function);
  const Oid owner = reinterpret_cast<Form_pg_proc>(GETSTRUCT(procedure))->proowner;
  ReleaseSysCache(procedure);
  return owner;
}

}  // namespace

OwnerScope act_as_owner(FunctionCallInfo fcinfo) {
  const Oid owner = owner_of(fcinfo->flinfo->fn_oid);
  OwnerScope scope;
  GetUserIdAndSecContext(&scope.caller, &scope.caller_context);
  scope.settings_level = NewGUCNestLevel();
  // The same as the functions carry in sql/schema/40_booking.sql.
  constexpr const char* settings[][2] = {{"search_path", "pg_catalog, pg_temp"},
                                         {"enable_seqscan", "off"},
                                         {"enable_bitmapscan", "off"}};
  for (const auto& setting : settings)
    set_config_option(setting[0], setting[1], PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
                      false);
  SetUserIdAndSecContext(owner, scope.caller_context | SECURITY_LOCAL_USERID_CHANGE);
  return scope;
}

void act_as_caller(const OwnerScope& scope) {
  AtEOXact_GUC(true, scope.settings_level);
  SetUserIdAndSecContext(scope.caller, scope.caller_context);
}

}  // namespace evently
