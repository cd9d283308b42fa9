#include "api/routes.h"

#include <algorithm>
#include <string>

namespace evently {
namespace {

template <class Topic>
void dispatch(const Endpoints& endpoints, void (Topic::*endpoint)(HttpCall&) const,
              HttpCall& call) {
  (std::get<Topic>(endpoints).*endpoint)(call);
}

// Calls the member function of its topic.
template <auto endpoint>
void to(const Endpoints& endpoints, HttpCall& call) {
  dispatch(endpoints, endpoint, call);
}

constexpr Access anyone = Access::anyone;
constexpr Access admin = Access::admin;
constexpr Access probe = Access::probe;
constexpr bool body = true;
constexpr bool none = false;
constexpr QueryNames no_query{};
constexpr QueryNames page{"limit", "after"};
constexpr QueryNames user_page{"limit", "after", "email"};
constexpr QueryNames event_page{"limit", "after", "upcoming_only"};
constexpr auto table = std::to_array<Route>({
    {"GET", "/health", probe, none, no_query, to<&OperationsEndpoints::get_health>},
    {"GET", "/ready", probe, none, no_query, to<&OperationsEndpoints::get_ready>},
    {"GET", "/metrics", probe, none, no_query, to<&OperationsEndpoints::get_metrics>},
    {"GET", "/openapi.json", anyone, none, no_query, to<&OperationsEndpoints::get_openapi>},
    {"GET", "/docs", anyone, none, no_query, to<&OperationsEndpoints::get_docs>},
    {"GET", "/docs/{file}", anyone, none, no_query, to<&OperationsEndpoints::get_docs_file>},

    {"POST", "/users", anyone, body, no_query, to<&UserEndpoints::post_user>},
    {"GET", "/users/{id}", anyone, none, no_query, to<&UserEndpoints::get_user>},
    {"GET", "/users/{id}/bookings", anyone, none, page, to<&UserEndpoints::get_user_bookings>},

    {"GET", "/events", anyone, none, event_page, to<&EventEndpoints::get_events>},
    {"GET", "/events/{id}", anyone, none, no_query, to<&EventEndpoints::get_event>},

    {"POST", "/bookings", anyone, body, no_query, to<&BookingEndpoints::post_booking>},
    {"GET", "/bookings/{id}", anyone, none, no_query, to<&BookingEndpoints::get_booking>},
    {"DELETE", "/bookings/{id}", anyone, none, no_query, to<&BookingEndpoints::delete_booking>},

    {"GET", "/admin/users", admin, none, user_page, to<&AdminEndpoints::get_admin_users>},
    {"DELETE", "/admin/users/{id}", admin, none, no_query, to<&AdminEndpoints::delete_admin_user>},
    {"POST", "/admin/events", admin, body, no_query, to<&AdminEventEndpoints::post_admin_event>},
    {"PUT", "/admin/events/{id}", admin, body, no_query, to<&AdminEventEndpoints::put_admin_event>},
    {"DELETE", "/admin/events/{id}", admin, none, no_query,
     to<&AdminEventEndpoints::delete_admin_event>},
    {"GET", "/admin/events/{id}/bookings", admin, none, page,
     to<&AdminEndpoints::get_admin_event_bookings>},
    {"GET", "/admin/analytics", admin, none, no_query, to<&AdminEndpoints::get_admin_analytics>},
    {"POST", "/admin/seed_demo_data", admin, none, no_query,
     to<&AdminEndpoints::post_seed_demo_data>},
});

constexpr bool each_route_stands_once() {
  for (auto route = table.begin(); route != table.end(); ++route) {
    const auto same = [route](const Route& other) {
      return route->path == other.path && route->method == other.method;
    };
    if (std::any_of(route + 1, table.end(), same)) return false;
  }
  return true;
}
static_assert(each_route_stands_once());

constexpr bool asks_for_key(const Route& route) {
  return route.access == Access::admin;
}
constexpr bool is_under_admin(const Route& route) {
  return route.path.starts_with("/admin/");
}
static_assert(std::ranges::equal(table, table, {}, asks_for_key, is_under_admin));

}  // namespace

std::span<const Route> routes() {
  return table;
}

std::vector<Router::Template> route_templates() {
  std::vector<Router::Template> templates;
  for (const Route& route : table)
    templates.push_back({std::string(route.method), std::string(route.path)});
  return templates;
}

}  // namespace evently
