#include "api/endpoints/bookings.h"

#include "api/endpoints/commands.h"
#include "api/endpoints/problem_of.h"
#include "api/rendering/json_views.h"
#include "extension/rules/errors.h"

namespace evently {

void BookingEndpoints::post_booking(HttpCall& call) const {
  const BookingCall wanted = read_booking(call);

  try {
    const BookingResult result = bookings.book(wanted);
    if (result.refusal != nullptr) {  // no exception: a sold-out event makes many of these
      metrics.booking(result.refusal->code);
      call.answer(problem_of(*result.refusal));
      return;
    }
    metrics.booking(result.replayed ? "replayed" : "booked");
    call.set_location("/bookings/" + std::to_string(result.booking->id));
    call.answer_created(result.replayed, booking_result_json(*result.booking));
  } catch (const std::exception& error) {
    metrics.booking(problem_of(error).code);
    throw;
  }
}

void BookingEndpoints::get_booking(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t booking_id = call.path_id("booking_id", errors);
  errors.refuse_if_any();

  const auto booking = database.run(OnLostConnection::run_once_more, [&](Session& session) {
    return find_booking(session, booking_id);
  });
  if (!booking) throw Refused(problem_of(error_of(Refusal::booking_not_found)));
  call.answer(200, {{"id", booking->id},
                    {"user_id", booking->user_id},
                    {"event_id", booking->event_id},
                    {"seats", booking->seats},
                    {"status", booking->status},
                    {"created_at", booking->created_at}});
}

void BookingEndpoints::delete_booking(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t booking_id = call.path_id("booking_id", errors);
  errors.refuse_if_any();

  try {
    const CancelResult result = bookings.cancel(booking_id);
    metrics.cancellation(result.changed ? "cancelled" : "unchanged");
    call.answer(200, {{"booking_id", result.booking_id}, {"status", result.status}});
  } catch (const std::exception& error) {
    metrics.cancellation(problem_of(error).code);
    throw;
  }
}

}  // namespace evently
