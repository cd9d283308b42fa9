#include "api/database/database_error.h"

#include <gtest/gtest.h>

#include <pqxx/except>
#include <stdexcept>

#include "extension/rules/errors.h"
#include "tests/unit/api/rolled_back.h"

namespace evently {
namespace {

using Kind = DatabaseErrorKind;

Kind kind_of_state(const char* sqlstate) {
  return database_error_of(pqxx::sql_error("", "", sqlstate)).kind;
}

TEST(DatabaseError, KnowsEveryBusinessErrorByItsState) {
  for (const BusinessError& error : business_errors) {
    EXPECT_EQ(kind_of_state(error.sqlstate), Kind::business) << error.sqlstate;
    EXPECT_EQ(business_error(error.sqlstate), &error) << error.sqlstate;
  }
  EXPECT_EQ(business_error("TK999"), nullptr);
  EXPECT_EQ(business_error(""), nullptr);
}

TEST(DatabaseError, CallsEveryBadValueInvalid) {
  for (const char* sqlstate : {"22003", "22007", "22008", "22021", "22P02", "22P05"}) {
    EXPECT_EQ(business_error(sqlstate), &error_of(Refusal::invalid_request)) << sqlstate;
  }
}

TEST(DatabaseError, KnowsContentionWithAndWithoutAState) {
  EXPECT_EQ(database_error_of(rolled_back<pqxx::serialization_failure>()).kind, Kind::contention);
  EXPECT_EQ(database_error_of(rolled_back<pqxx::deadlock_detected>()).kind, Kind::contention);
  EXPECT_EQ(database_error_of(rolled_back<pqxx::transaction_rollback>()).kind, Kind::contention);
  for (const char* sqlstate : {"40001", "40P01", "55P03"}) {
    EXPECT_EQ(kind_of_state(sqlstate), Kind::contention) << sqlstate;
  }
}

// After these the outcome is unknown: to retry them as a rollback would book twice.
TEST(DatabaseError, NeverTakesAnUnknownOutcomeForARollback) {
  EXPECT_EQ(database_error_of(rolled_back<pqxx::statement_completion_unknown>()).kind,
            Kind::connection_lost);
  EXPECT_EQ(database_error_of(pqxx::in_doubt_error("")).kind, Kind::connection_lost);
  EXPECT_EQ(database_error_of(pqxx::broken_connection("")).kind, Kind::connection_lost);
  EXPECT_EQ(database_error_of(pqxx::failure("")).kind, Kind::connection_lost);
  for (const char* sqlstate :
       {"", "08000", "08006", "25P03", "57P01", "57P02", "57P03", "57P04", "57P05"}) {
    EXPECT_EQ(kind_of_state(sqlstate), Kind::connection_lost) << sqlstate;
  }
  EXPECT_EQ(database_error_of(pqxx::sql_error("", "")).kind, Kind::connection_lost);
}

TEST(DatabaseError, KnowsAPlanThatTheSchemaOutlived) {
  EXPECT_EQ(database_error_of(pqxx::feature_not_supported("", "", "0A000")).kind, Kind::stale_plan);
}

// A batch is tried again in parts only where one of its calls may be the cause.
TEST(DatabaseError, BlamesACallOnlyForWhatACallCanCause) {
  for (const char* sqlstate : {"TK003", "22003", "23514", "XX000", "P0001"}) {
    EXPECT_TRUE(is_about_the_call(pqxx::sql_error("", "", sqlstate))) << sqlstate;
  }
  for (const char* sqlstate : {"", "40001", "55P03", "57014", "53100", "57P01", "0A000"}) {
    EXPECT_FALSE(is_about_the_call(pqxx::sql_error("", "", sqlstate))) << sqlstate;
  }
  EXPECT_FALSE(is_about_the_call(PoolExhausted()));
  EXPECT_TRUE(is_about_the_call(std::out_of_range("")));
}

}  // namespace
}  // namespace evently
