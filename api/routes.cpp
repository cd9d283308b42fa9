#include "api/routes.h"

#include "api/endpoints/endpoints.h"

namespace evently {

const std::vector<Route>& routes() {
  constexpr Access anyone = Access::anyone;
  constexpr Access admin = Access::admin;
  constexpr Access probe = Access::probe;
  constexpr bool body = true;
  constexpr bool none = false;
  static const std::vector<Route> table = {
      {"GET", "/health", probe, none, get_health},
      {"GET", "/ready", probe, none, get_ready},
      {"GET", "/metrics", probe, none, get_metrics},
      {"GET", "/openapi.json", anyone, none, get_openapi},
      {"GET", "/docs", anyone, none, get_docs},
      {"GET", "/docs/{file}", anyone, none, get_docs_file},

      {"POST", "/users", anyone, body, post_user},
      {"GET", "/users/{id}/bookings", anyone, none, get_user_bookings},

      {"GET", "/events", anyone, none, get_events},
      {"GET", "/events/{id}", anyone, none, get_event},

      {"POST", "/bookings", anyone, body, post_booking},
      {"GET", "/bookings/{id}", anyone, none, get_booking},
      {"DELETE", "/bookings/{id}", anyone, none, delete_booking},

      {"GET", "/admin/users", admin, none, get_admin_users},
      {"DELETE", "/admin/users/{id}", admin, none, delete_admin_user},
      {"POST", "/admin/events", admin, body, post_admin_event},
      {"PUT", "/admin/events/{id}", admin, body, put_admin_event},
      {"DELETE", "/admin/events/{id}", admin, none, delete_admin_event},
      {"GET", "/admin/events/{id}/bookings", admin, none, get_admin_event_bookings},
      {"GET", "/admin/analytics", admin, none, get_admin_analytics},
      {"POST", "/admin/seed_demo_data", admin, none, post_seed_demo_data},
  };
  return table;
}

std::vector<Router::Template> route_templates() {
  std::vector<Router::Template> templates;
  for (const Route& route : routes()) templates.push_back({route.method, route.path});
  return templates;
}

}  // namespace evently
