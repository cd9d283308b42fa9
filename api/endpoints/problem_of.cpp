#include "api/endpoints/problem_of.h"

#include "api/database/database_error.h"
#include "extension/rules/errors.h"

namespace evently {
namespace {

const char* detail_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::event_not_found:
      return "There is no event with this id.";
    case Refusal::user_not_found:
      return "There is no user with this id.";
    case Refusal::booking_not_found:
      return "There is no booking with this id.";
    case Refusal::not_enough_seats:
      return "The event has fewer seats left than asked for.";
    case Refusal::email_taken:
      return "Another user has this e-mail address.";
    case Refusal::booking_closed:
      return "The event has started.";
    case Refusal::idempotency_key_reused:
      return "This idempotency key was used for a request with other content.";
    case Refusal::capacity_below_booked:
      return "More seats than that are booked.";
    case Refusal::details_changed:
      return "Read the event again and send its new ETag in If-Match.";
    case Refusal::invalid_request:
      return "The database does not accept one of the values.";
  }
  return "";
}

}  // namespace

Problem problem_of(const BusinessError& error) {
  return {error.http_status, error.code, error.message, detail_of(error.refusal), {}, {}};
}

Problem problem_of(const std::exception& error) {
  if (const auto* refused = dynamic_cast<const Refused*>(&error)) return refused->problem();
  if (dynamic_cast<const Busy*>(&error) != nullptr) return busy();
  const DatabaseError failure = database_error_of(error);
  switch (failure.kind) {
    case DatabaseErrorKind::business:
      return problem_of(*business_error(failure.sqlstate));
    case DatabaseErrorKind::contention:
      return busy();
    case DatabaseErrorKind::referenced:
    case DatabaseErrorKind::connection_lost:
    case DatabaseErrorKind::stale_plan:
    case DatabaseErrorKind::unavailable:
      return unavailable();
    case DatabaseErrorKind::internal:
      return internal_error();
  }
  return internal_error();
}

void refuse_if_referenced(const std::exception& error) {
  if (database_error_of(error).kind == DatabaseErrorKind::referenced) {
    throw Refused(still_referenced());
  }
}

}  // namespace evently
