// Acting as a function's owner for a while. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

// A procedure that commits can be neither SECURITY DEFINER nor carry SET, so it does itself what
// those would do, and undoes it before each commit. An error undoes it too: the transaction's end
// brings back the user and the settings that it began with.
struct OwnerScope {
  Oid caller;
  int caller_context;
  int settings_level;
};
static_assert(std::is_trivially_destructible_v<OwnerScope>, "ereport may longjmp over it");

// From here on the session is the owner of the called function, with the settings that the other
// functions carry.
OwnerScope act_as_owner(FunctionCallInfo fcinfo);

// Before the commit: the caller's user and settings again.
void act_as_caller(const OwnerScope& scope);

}  // namespace evently
