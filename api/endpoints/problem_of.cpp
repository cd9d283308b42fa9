#include "api/endpoints/problem_of.h"

#include <algorithm>
#include <pqxx/except>

namespace evently {
namespace {

bool is_one_of(std::string_view sqlstate, std::initializer_list<std::string_view> states) {
  return std::find(states.begin(), states.end(), sqlstate) != states.end();
}

FaultKind kind_of_sqlstate(std::string_view sqlstate) {
  if (business_error(sqlstate) != nullptr) return FaultKind::business;
  if (is_one_of(sqlstate, {"40001", "40P01", "55P03"})) return FaultKind::contention;
  // Without a state it is libpq that speaks: the server said nothing more.
  if (sqlstate.empty() || sqlstate.substr(0, 2) == "08" ||
      is_one_of(sqlstate, {"25P03", "57P01", "57P02", "57P03", "57P04", "57P05"})) {
    return FaultKind::connection_lost;
  }
  // Class 53: resources are short; 54: a limit is reached, as of queued notifications; 58: I/O.
  if (is_one_of(sqlstate, {"57014", "25006"}) ||
      is_one_of(sqlstate.substr(0, 2), {"53", "54", "58"})) {
    return FaultKind::unavailable;
  }
  // "cached plan must not change result type", and a statement that a pooler has forgotten.
  if (sqlstate == "0A000" || sqlstate == "26000") return FaultKind::stale_plan;
  return FaultKind::internal;
}

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
      return "This user booked another event or number of seats with this idempotency key.";
    case Refusal::capacity_below_booked:
      return "More seats than that are booked.";
    case Refusal::details_changed:
      return "Read the event again and send its new ETag in If-Match.";
    case Refusal::invalid_request:
      return "The database does not accept one of the values.";
  }
  return "";
}

template <class Type>
bool is(const std::exception& error) {
  return dynamic_cast<const Type*>(&error) != nullptr;
}

}  // namespace

const BusinessError* business_error(std::string_view sqlstate) {
  for (const BusinessError& error : business_errors) {
    if (sqlstate == error.sqlstate) return &error;
  }
  // Class 22: a value that no rule of ours caught, but the database's types did.
  if (sqlstate.substr(0, 2) == "22") return &error_of(Refusal::invalid_request);
  return nullptr;
}

DatabaseFault fault_of(const std::exception& error) {
  // libpqxx gives these no sqlstate. An unknown completion derives from a rollback, and is none.
  if (is<pqxx::statement_completion_unknown>(error) || is<pqxx::in_doubt_error>(error) ||
      is<pqxx::broken_connection>(error)) {
    return {FaultKind::connection_lost, ""};
  }
  if (is<pqxx::transaction_rollback>(error)) return {FaultKind::contention, ""};
  if (is<pqxx::insufficient_privilege>(error)) return {FaultKind::internal, "42501"};
  if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error)) {
    return {kind_of_sqlstate(sql->sqlstate()), sql->sqlstate()};
  }
  if (is<PoolExhausted>(error)) return {FaultKind::unavailable, ""};
  // A failure without a result: the connection was gone before there could be one.
  if (is<pqxx::failure>(error)) return {FaultKind::connection_lost, ""};
  return {FaultKind::internal, ""};
}

bool is_about_the_call(const std::exception& error) {
  const FaultKind kind = fault_of(error).kind;
  return kind == FaultKind::business || kind == FaultKind::internal;
}

Problem problem_of(const BusinessError& error) {
  return {error.http_status, error.code, error.message, detail_of(error.refusal), {}, {}};
}

Problem problem_of(const std::exception& error) {
  if (const auto* refused = dynamic_cast<const Refused*>(&error)) return refused->problem();
  const DatabaseFault fault = fault_of(error);
  switch (fault.kind) {
    case FaultKind::business:
      return problem_of(*business_error(fault.sqlstate));
    case FaultKind::contention:
      return busy();
    case FaultKind::connection_lost:
    case FaultKind::stale_plan:
    case FaultKind::unavailable:
      return unavailable();
    case FaultKind::internal:
      return internal_error();
  }
  return internal_error();
}

}  // namespace evently
