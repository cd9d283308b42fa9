#include "api/endpoints/users.h"

#include "api/endpoints/commands.h"
#include "api/endpoints/problem_of.h"
#include "api/http/paging.h"
#include "api/rendering/json_views.h"
#include "extension/rules/errors.h"

namespace evently {

void UserEndpoints::post_user(HttpCall& call) const {
  const NewUser wanted = read_new_user(call);

  // Without a key never sent twice: the second would find its own address taken.
  const auto policy =
      wanted.idempotency_key ? OnLostConnection::run_once_more : OnLostConnection::give_up;
  const auto user =
      database.run(policy, [&](Session& session) { return create_user(session, wanted); });
  call.set_location("/users/" + std::to_string(user.row.id));
  call.answer_created(user.replayed, json_text(user_json(user.row)));
}

void UserEndpoints::get_user(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t user_id = call.path_id("user_id", errors);
  errors.refuse_if_any();

  const auto user = database.run(OnLostConnection::run_once_more,
                                 [&](Session& session) { return find_user(session, user_id); });
  if (!user) throw Refused(problem_of(error_of(Refusal::user_not_found)));
  call.answer(200, public_user_json(*user));
}

void UserEndpoints::get_user_bookings(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t user_id = call.path_id("user_id", errors);
  const HistoryPage page = HistoryPage::from_query(call, 50, errors);
  errors.refuse_if_any();

  auto bookings = database.run(OnLostConnection::run_once_more, [&](Session& session) {
    auto found = user_bookings(session, user_id, page.before_id, page.rows_wanted());
    if (found.empty() && !user_exists(session, user_id)) {
      throw Refused(problem_of(error_of(Refusal::user_not_found)));
    }
    return found;
  });
  page.finish(
      bookings, [](const Booking& booking) { return booking.id; }, call);
  call.answer(200, array_json(bookings, booking_json));
}

}  // namespace evently
