#include "api/database/database_error.h"

#include <algorithm>
#include <initializer_list>
#include <pqxx/except>

#include "extension/rules/errors.h"

namespace evently {
namespace {

using Kind = DatabaseErrorKind;

bool is_one_of(std::string_view sqlstate, std::initializer_list<std::string_view> states) {
  return std::find(states.begin(), states.end(), sqlstate) != states.end();
}

Kind kind_of_sqlstate(std::string_view sqlstate) {
  if (business_error(sqlstate) != nullptr) return Kind::business;
  if (is_one_of(sqlstate, {"40001", "40P01", "55P03"})) return Kind::contention;
  // An error without a state comes from libpq: the server said nothing more.
  if (sqlstate.empty() || sqlstate.substr(0, 2) == "08" ||
      is_one_of(sqlstate, {"25P03", "57P01", "57P02", "57P03", "57P04", "57P05"})) {
    return Kind::connection_lost;
  }
  // Class 53: resources are short; 54: a limit is reached, as of queued notifications; 58: I/O.
  if (is_one_of(sqlstate, {"57014", "25006"}) ||
      is_one_of(sqlstate.substr(0, 2), {"53", "54", "58"})) {
    return Kind::unavailable;
  }
  // "cached plan must not change result type", and a statement that a pooler has forgotten.
  if (sqlstate == "0A000" || sqlstate == "26000") return Kind::stale_plan;
  if (sqlstate == "23503") return Kind::referenced;
  return Kind::internal;
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

DatabaseError database_error_of(const std::exception& error) {
  // libpqxx gives these no state. An unknown completion derives from a rollback, and is none.
  if (is<pqxx::statement_completion_unknown>(error) || is<pqxx::in_doubt_error>(error) ||
      is<pqxx::broken_connection>(error)) {
    return {Kind::connection_lost, ""};
  }
  if (is<pqxx::transaction_rollback>(error)) return {Kind::contention, ""};
  if (is<pqxx::insufficient_privilege>(error)) return {Kind::internal, "42501"};
  if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error)) {
    return {kind_of_sqlstate(sql->sqlstate()), std::string(sql->sqlstate())};
  }
  if (is<PoolExhausted>(error)) return {Kind::unavailable, ""};
  // A failure without a result: the connection was gone before there could be one.
  if (is<pqxx::failure>(error)) return {Kind::connection_lost, ""};
  return {Kind::internal, ""};
}

bool is_about_the_call(const std::exception& error) {
  const Kind kind = database_error_of(error).kind;
  return kind == Kind::business || kind == Kind::referenced || kind == Kind::internal;
}

}  // namespace evently
