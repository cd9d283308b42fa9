#pragma once

#include <exception>
#include <string>
#include <string_view>

// What a failed call to the database means for its caller. The exceptions are libpqxx's own and
// the two below; nothing here knows HTTP.
namespace evently {

struct BusinessError;

enum class DatabaseErrorKind {
  business,         // the database refused; asking again changes nothing
  contention,       // rolled back for others' sake: worth a retry
  connection_lost,  // the outcome is unknown
  stale_plan,       // the session predates a change of the schema; nothing was done
  referenced,       // rows of other tables refer to what was to be deleted
  unavailable,      // cannot serve now
  internal,         // a fault of ours
};

struct DatabaseError {
  DatabaseErrorKind kind;
  std::string sqlstate;  // empty when there is none
};

DatabaseError database_error_of(const std::exception& error);

// The rule that a refusal with this state names; null when the state is not one of the business.
const BusinessError* business_error(std::string_view sqlstate);

// True where a batch that failed may hold a bad call, and false where the database itself fails.
bool is_about_the_call(const std::exception& error);

// No connection became free in time.
class PoolExhausted : public std::exception {
 public:
  const char* what() const noexcept override { return "no free database connection in time"; }
};

// The call's queue is too long, or its turn did not come in time; nothing was done.
class Busy : public std::exception {
 public:
  const char* what() const noexcept override { return "the queue is too long"; }
};

}  // namespace evently
