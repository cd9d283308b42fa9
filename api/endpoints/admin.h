#pragma once

#include "api/booking/changes.h"
#include "api/database/database.h"
#include "api/http/http_call.h"

namespace evently {

// What administrators read of all users and bookings, and the demonstration data.
struct AdminEndpoints {
  Database& database;
  const Changes& changes;

  void get_admin_users(HttpCall& call) const;
  void delete_admin_user(HttpCall& call) const;
  void get_admin_event_bookings(HttpCall& call) const;
  void get_admin_analytics(HttpCall& call) const;
  void post_seed_demo_data(HttpCall& call) const;
};

}  // namespace evently
