#pragma once

#include "api/database/database.h"
#include "api/http/http_call.h"

namespace evently {

// Users and the bookings they made.
struct UserEndpoints {
  Database& database;

  void post_user(HttpCall& call) const;
  void get_user(HttpCall& call) const;
  void get_user_bookings(HttpCall& call) const;
};

}  // namespace evently
