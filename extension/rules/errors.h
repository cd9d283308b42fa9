// The business errors, written once: the extension raises them by SQLSTATE, the service answers
// with their HTTP status and code. Class TK, because classes A to H and 0 to 4 belong to the SQL
// standard. Pure: no server headers.
#pragma once

namespace evently {

enum class Refusal {
  event_not_found,
  user_not_found,
  booking_not_found,
  not_enough_seats,
  email_taken,
  booking_closed,
  idempotency_key_reused,
  capacity_below_booked,
  details_changed,
  invalid_request,
};

struct BusinessError {
  Refusal refusal;
  const char* sqlstate;  // five characters
  const char* code;      // what REST clients match on
  int http_status;
  const char* message;  // lower case, no full stop: PostgreSQL's style, and the REST title
  const char* hint;     // what an SQL caller should do
};

// In the order of the enumeration, which errors.h itself checks below.
inline constexpr BusinessError business_errors[] = {
    {Refusal::event_not_found, "TK001", "event-not-found", 404, "event does not exist",
     "Look up the id in evently.event_list."},
    {Refusal::user_not_found, "TK002", "user-not-found", 404, "user does not exist",
     "Create the user first, with evently.create_user."},
    {Refusal::booking_not_found, "TK003", "booking-not-found", 404, "booking does not exist",
     "Look up the id in evently.booking_list."},
    {Refusal::not_enough_seats, "TK101", "not-enough-seats", 409, "not enough seats",
     "Ask for fewer seats, or try again after a cancellation."},
    {Refusal::email_taken, "TK102", "email-taken", 409, "e-mail address is taken",
     "Use another address, or the user who has this one."},
    {Refusal::booking_closed, "TK103", "booking-closed", 409, "booking is closed",
     "An event can be booked until it starts."},
    {Refusal::idempotency_key_reused, "TK104", "idempotency-key-reused", 422,
     "idempotency key was used for another request",
     "Use a new key for a new request; repeat a key only with the same content."},
    {Refusal::capacity_below_booked, "TK105", "capacity-below-booked", 400,
     "capacity is below the seats already booked",
     "Choose a capacity that covers the booked seats, or cancel bookings first."},
    {Refusal::details_changed, "TK106", "details-changed", 412,
     "event was changed since it was read",
     "Read the event again and repeat the change on what it says now."},
    {Refusal::invalid_request, "22023", "invalid-request", 400, "invalid request",
     "Correct the argument that the detail names."},
};

constexpr const BusinessError& error_of(Refusal refusal) {
  return business_errors[static_cast<int>(refusal)];
}

namespace detail {
constexpr bool errors_are_in_order() {
  int position = 0;
  for (const auto& error : business_errors)
    if (static_cast<int>(error.refusal) != position++) return false;
  return true;
}
static_assert(errors_are_in_order(), "business_errors must follow the order of Refusal");
}  // namespace detail

}  // namespace evently
