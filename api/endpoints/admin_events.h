#pragma once

#include "api/booking/changes.h"
#include "api/database/database.h"
#include "api/http/http_call.h"

namespace evently {

// Events as administrators make, change and delete them.
struct AdminEventEndpoints {
  Database& database;
  const Changes& changes;

  void post_admin_event(HttpCall& call) const;
  void put_admin_event(HttpCall& call) const;
  void delete_admin_event(HttpCall& call) const;
};

}  // namespace evently
