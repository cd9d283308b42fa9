#include "api/handlers.h"
#include "api/http_error.h"
#include "api/views.h"
#include "extension/limits.h"

namespace evently {
namespace {

constexpr const char* key_header = "Idempotency-Key";
constexpr const char* key_field = "idempotency_key";

void check_key(const char* field, const std::string& key, Faults& faults) {
  if (key.empty() || key.size() > idempotency_key_bytes_max) {
    faults.add(field, "must have 1 to " + std::to_string(idempotency_key_bytes_max) + " bytes");
  } else if (!is_utf8_without_nul(key)) {
    faults.add(field, "must be UTF-8");
  }
}

// The key may stand in the header, in the body, or the same in both.
std::optional<std::string> read_key(const Exchange& exchange, Fields& fields, Faults& faults) {
  std::optional<std::string> in_body;
  if (!fields.is_null(key_field)) in_body = fields.text(key_field);
  if (in_body) check_key(key_field, *in_body, faults);
  const std::vector<std::string> in_header = exchange.header_values(key_header);
  if (in_header.empty()) return in_body;
  if (in_header.size() > 1) {
    faults.add(key_header, "is given more than once");
  } else if (in_body && *in_body != in_header[0]) {
    faults.add(key_header, "differs from idempotency_key in the body");
  } else {
    check_key(key_header, in_header[0], faults);
  }
  return in_header[0];
}

}  // namespace

void post_booking(App& app, Exchange& exchange) {
  Faults faults;
  Fields fields(exchange.body(), faults);
  BookingCall call;
  call.user_id = fields.required_integer("user_id", id_min, id_max);
  call.event_id = fields.required_integer("event_id", id_min, id_max);
  call.seats = fields.integer("seats", 1, seats_max).value_or(1);
  call.idempotency_key = read_key(exchange, fields, faults);
  faults.refuse_if_any();

  try {
    const BookingAnswer answer = app.bookings.book(call, exchange.statement_ids());
    if (answer.refusal != nullptr) {  // no exception: a sold-out event makes many of these
      app.metrics.booking(answer.refusal->code);
      exchange.answer(problem_of(*answer.refusal));
      return;
    }
    app.metrics.booking(answer.replayed ? "replayed" : "booked");
    if (answer.replayed) exchange.set_header("Idempotency-Replayed", "true");
    exchange.set_header("Location", "/bookings/" + std::to_string(answer.booking->id));
    exchange.answer(answer.replayed ? 200 : 201, booking_result_json(*answer.booking));
  } catch (const std::exception& error) {
    app.metrics.booking(problem_of(error).code);
    throw;
  }
}

void get_booking(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t booking_id = exchange.path_id("booking_id", faults);
  faults.refuse_if_any();

  const auto booking =
      app.database.run(exchange.statement_ids(), OnLostConnection::run_once_more,
                       [&](Session& session) { return find_booking(session, booking_id); });
  if (!booking) throw Refused(problem_of(error_of(Refusal::booking_not_found)));
  exchange.answer(200, {{"id", booking->id},
                        {"user_id", booking->user_id},
                        {"event_id", booking->event_id},
                        {"seats", booking->seats},
                        {"status", booking->status},
                        {"created_at", booking->created_at}});
}

void delete_booking(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t booking_id = exchange.path_id("booking_id", faults);
  faults.refuse_if_any();

  try {
    const CancelOutcome outcome = app.bookings.cancel(booking_id, exchange.statement_ids());
    app.metrics.cancellation(outcome.changed ? "cancelled" : "unchanged");
    exchange.answer(200, {{"booking_id", outcome.booking_id}, {"status", outcome.status}});
  } catch (const std::exception& error) {
    app.metrics.cancellation(problem_of(error).code);
    throw;
  }
}

}  // namespace evently
