#include "api/endpoints/bookings.h"

#include "api/endpoints/commands.h"
#include "api/endpoints/problem_of.h"
#include "api/rendering/json_views.h"

namespace evently {

void BookingEndpoints::post_booking(HttpCall& call) const {
  const BookingCall wanted = read_booking(call);

  try {
    const BookingAnswer answer = bookings.book(wanted, call.statement_ids());
    if (answer.refusal != nullptr) {  // no exception: a sold-out event makes many of these
      metrics.booking(answer.refusal->code);
      call.answer(problem_of(*answer.refusal));
      return;
    }
    metrics.booking(answer.replayed ? "replayed" : "booked");
    if (answer.replayed) call.set_header("Idempotency-Replayed", "true");
    call.set_header("Location", "/bookings/" + std::to_string(answer.booking->id));
    call.answer(answer.replayed ? 200 : 201, booking_result_json(*answer.booking));
  } catch (const std::exception& error) {
    metrics.booking(problem_of(error).code);
    throw;
  }
}

void BookingEndpoints::get_booking(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t booking_id = call.path_id("booking_id", errors);
  errors.refuse_if_any();

  const auto booking =
      database.run(call.statement_ids(), OnLostConnection::run_once_more,
                   [&](Session& session) { return find_booking(session, booking_id); });
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
    const CancelOutcome outcome = bookings.cancel(booking_id, call.statement_ids());
    metrics.cancellation(outcome.changed ? "cancelled" : "unchanged");
    call.answer(200, {{"booking_id", outcome.booking_id}, {"status", outcome.status}});
  } catch (const std::exception& error) {
    metrics.cancellation(problem_of(error).code);
    throw;
  }
}

}  // namespace evently
