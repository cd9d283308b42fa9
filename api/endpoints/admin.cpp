#include "api/endpoints/admin.h"

#include "api/database/reports.h"
#include "api/endpoints/problem_of.h"
#include "api/http/paging.h"
#include "api/rendering/json_views.h"
#include "extension/rules/errors.h"

namespace evently {

void AdminEndpoints::get_admin_users(HttpCall& call) const {
  FieldErrors errors;
  const HistoryPage page = HistoryPage::from_query(call, 100, errors);
  std::optional<std::string> email = call.query("email", errors);
  if (email) email = email_of(*email, "email", errors);
  errors.refuse_if_any();

  auto users = database.run(OnLostConnection::run_once_more, [&](Session& session) {
    return email ? users_by_email(session, *email)
                 : list_users(session, page.before_id, page.rows_wanted());
  });
  page.finish(
      users, [](const User& user) { return user.id; }, call);
  call.answer(200, array_json(users, user_json));
}

void AdminEndpoints::delete_admin_user(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t user_id = call.path_id("user_id", errors);
  errors.refuse_if_any();

  // Seats come back to events that only the database knows: the bridge hears of each.
  try {
    database.run(OnLostConnection::give_up,
                 [&](Session& session) { delete_user(session, user_id); });
  } catch (const std::exception& error) {
    refuse_if_referenced(error);
    throw;
  }
  changes.tell_of_many();
  call.answer_empty(204);
}

void AdminEndpoints::get_admin_event_bookings(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t event_id = call.path_id("event_id", errors);
  const HistoryPage page = HistoryPage::from_query(call, 50, errors);
  errors.refuse_if_any();

  auto bookings = database.run(OnLostConnection::run_once_more, [&](Session& session) {
    auto found = event_bookings(session, event_id, page.before_id, page.rows_wanted());
    if (found.empty() && !find_event(session, event_id)) {
      throw Refused(problem_of(error_of(Refusal::event_not_found)));
    }
    return found;
  });
  page.finish(
      bookings, [](const EventBooking& row) { return row.booking.id; }, call);
  call.answer(200, array_json(bookings, [](const EventBooking& row) {
                return Json{{"booking_id", row.booking.id},
                            {"user_id", row.booking.user_id},
                            {"user_email", row.user_email},
                            {"user_name", row.user_name ? Json(*row.user_name) : Json()},
                            {"seats", row.booking.seats},
                            {"status", row.booking.status},
                            {"created_at", row.booking.created_at}};
              }));
}

void AdminEndpoints::get_admin_analytics(HttpCall& call) const {
  const auto sales = database.run(OnLostConnection::run_once_more,
                                  [](Session& session) { return analytics(session); });
  std::int64_t total = 0;
  for (const EventSales& event : sales) total += event.total_confirmed_bookings;
  call.answer(200, {{"total_confirmed_bookings", total},
                    {"events", array_json(sales, [](const EventSales& event) {
                       return Json{{"event_id", event.event_id},
                                   {"name", event.name},
                                   {"total_confirmed_bookings", event.total_confirmed_bookings},
                                   {"confirmed_seats", event.confirmed_seats},
                                   {"capacity", event.capacity},
                                   {"seats_available", event.seats_available},
                                   {"capacity_utilization_pct", event.capacity_utilization_pct}};
                     })}});
}

void AdminEndpoints::post_seed_demo_data(HttpCall& call) const {
  // Idempotent, so that it may run again.
  const DemoData data = database.run(OnLostConnection::run_once_more,
                                     [](Session& session) { return seed_demo_data(session); });
  changes.tell_of_many();
  call.answer(201, {{"users", data.users}, {"events", data.events}, {"bookings", data.bookings}});
}

}  // namespace evently
