#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "api/http/problem.h"
#include "extension/rules/errors.h"

namespace evently {

// What a failed database call means for the one who made it.
enum class FaultKind {
  business,         // the database refused; asking again changes nothing
  contention,       // rolled back for others' sake: worth a retry
  connection_lost,  // the outcome is unknown
  stale_plan,       // the session predates a change of the schema; nothing was done
  unavailable,      // cannot serve now
  internal,         // a fault of ours
};

struct DatabaseFault {
  FaultKind kind;
  std::string sqlstate;  // empty when there is none
};

// Null when the state is none of the business's.
const BusinessError* business_error(std::string_view sqlstate);

DatabaseFault fault_of(const std::exception& error);

// True where a batch that failed may hold a bad call, and false where the database is what ails.
bool is_about_the_call(const std::exception& error);

// The one place where errors become answers. Contention is "busy" by the time it comes here.
Problem problem_of(const std::exception& error);
Problem problem_of(const BusinessError& error);

// No connection became free in time.
class PoolExhausted : public std::exception {
 public:
  const char* what() const noexcept override { return "no free database connection in time"; }
};

}  // namespace evently
