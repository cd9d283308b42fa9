#include "api/endpoints/commands.h"
#include "api/endpoints/endpoints.h"
#include "api/endpoints/problem_of.h"
#include "api/http/paging.h"
#include "api/rendering/json_views.h"

namespace evently {

void post_user(App& app, Exchange& exchange) {
  const NewUser wanted = read_new_user(exchange);

  // Never sent twice blindly: the second would find its own address taken.
  const User user = app.database.run(
      exchange.statement_ids(), OnLostConnection::give_up,
      [&](Session& session) { return create_user(session, wanted.email, wanted.name); });
  exchange.answer(201, user_json(user));
}

void get_user_bookings(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t user_id = exchange.path_id("user_id", faults);
  const HistoryPage page = HistoryPage::from_query(exchange, 50, faults);
  faults.refuse_if_any();

  auto bookings = app.database.run(
      exchange.statement_ids(), OnLostConnection::run_once_more, [&](Session& session) {
        auto found = user_bookings(session, user_id, page.before_id, page.rows_wanted());
        if (found.empty() && !user_exists(session, user_id)) {
          throw Refused(problem_of(error_of(Refusal::user_not_found)));
        }
        return found;
      });
  page.finish(
      bookings, [](const Booking& booking) { return booking.id; }, exchange);
  exchange.answer(200, array_json(bookings, booking_json));
}

}  // namespace evently
