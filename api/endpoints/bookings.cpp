#include "api/endpoints/commands.h"
#include "api/endpoints/endpoints.h"
#include "api/endpoints/problem_of.h"
#include "api/rendering/json_views.h"

namespace evently {

void post_booking(App& app, HttpCall& call) {
  const BookingCall wanted = read_booking(call);

  try {
    const BookingAnswer answer = app.bookings.book(wanted, call.statement_ids());
    if (answer.refusal != nullptr) {  // no exception: a sold-out event makes many of these
      app.metrics.booking(answer.refusal->code);
      call.answer(problem_of(*answer.refusal));
      return;
    }
    app.metrics.booking(answer.replayed ? "replayed" : "booked");
    if (answer.replayed) call.set_header("Idempotency-Replayed", "true");
    call.set_header("Location", "/bookings/" + std::to_string(answer.booking->id));
    call.answer(answer.replayed ? 200 : 201, booking_result_json(*answer.booking));
  } catch (const std::exception& error) {
    app.metrics.booking(problem_of(error).code);
    throw;
  }
}

void get_booking(App& app, HttpCall& call) {
  FieldErrors errors;
  const std::int64_t booking_id = call.path_id("booking_id", errors);
  errors.refuse_if_any();

  const auto booking =
      app.database.run(call.statement_ids(), OnLostConnection::run_once_more,
                       [&](Session& session) { return find_booking(session, booking_id); });
  if (!booking) throw Refused(problem_of(error_of(Refusal::booking_not_found)));
  call.answer(200, {{"id", booking->id},
                    {"user_id", booking->user_id},
                    {"event_id", booking->event_id},
                    {"seats", booking->seats},
                    {"status", booking->status},
                    {"created_at", booking->created_at}});
}

void delete_booking(App& app, HttpCall& call) {
  FieldErrors errors;
  const std::int64_t booking_id = call.path_id("booking_id", errors);
  errors.refuse_if_any();

  try {
    const CancelOutcome outcome = app.bookings.cancel(booking_id, call.statement_ids());
    app.metrics.cancellation(outcome.changed ? "cancelled" : "unchanged");
    call.answer(200, {{"booking_id", outcome.booking_id}, {"status", outcome.status}});
  } catch (const std::exception& error) {
    app.metrics.cancellation(problem_of(error).code);
    throw;
  }
}

}  // namespace evently
