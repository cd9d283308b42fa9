#pragma once

#include "api/access/admin_key.h"
#include "api/access/rate_limiter.h"
#include "api/booking/booking_service.h"
#include "api/booking/changes.h"
#include "api/config.h"
#include "api/database/database.h"
#include "api/http/http_call.h"
#include "api/metrics.h"
#include "api/rendering/event_cache.h"
#include "redis_bridge/tokens/client.h"

// One function for each row of the route table, in the file of its topic.
namespace evently {

// What handlers work with; all of it thread-safe, all of it outlives the server.
struct App {
  const Config& config;
  const AdminKeys& admin_keys;
  Database& database;
  TokenClient* tokens;  // null: no Redis
  EventCache& events;
  const Changes& changes;
  BookingService& bookings;
  Metrics& metrics;
  RateLimiter& limiter;
};

// handle_operations.cpp
void get_health(App& app, HttpCall& call);
void get_ready(App& app, HttpCall& call);
void get_metrics(App& app, HttpCall& call);
void get_openapi(App& app, HttpCall& call);
void get_docs(App& app, HttpCall& call);
void get_docs_file(App& app, HttpCall& call);

// handle_users.cpp
void post_user(App& app, HttpCall& call);
void get_user_bookings(App& app, HttpCall& call);

// handle_events.cpp
void get_events(App& app, HttpCall& call);
void get_event(App& app, HttpCall& call);

// handle_bookings.cpp
void post_booking(App& app, HttpCall& call);
void get_booking(App& app, HttpCall& call);
void delete_booking(App& app, HttpCall& call);

// handle_admin.cpp
void get_admin_users(App& app, HttpCall& call);
void delete_admin_user(App& app, HttpCall& call);
void get_admin_event_bookings(App& app, HttpCall& call);
void get_admin_analytics(App& app, HttpCall& call);
void post_seed_demo_data(App& app, HttpCall& call);

// handle_admin_events.cpp
void post_admin_event(App& app, HttpCall& call);
void put_admin_event(App& app, HttpCall& call);
void delete_admin_event(App& app, HttpCall& call);

}  // namespace evently
