// The one table of business errors against the contract, without a server.
#include "extension/rules/errors.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace evently {
namespace {

bool matches(const char* text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

TEST(Errors, AreThoseOfTheContract) {
  using Row = std::tuple<std::string, std::string, int>;
  const std::vector<Row> contract = {{"TK001", "event-not-found", 404},
                                     {"TK002", "user-not-found", 404},
                                     {"TK003", "booking-not-found", 404},
                                     {"TK101", "not-enough-seats", 409},
                                     {"TK102", "email-taken", 409},
                                     {"TK103", "booking-closed", 409},
                                     {"TK104", "idempotency-key-reused", 422},
                                     {"TK105", "capacity-below-booked", 400},
                                     {"TK106", "details-changed", 412},
                                     {"22023", "invalid-request", 400}};
  std::vector<Row> table;
  for (const BusinessError& error : business_errors)
    table.emplace_back(error.sqlstate, error.code, error.http_status);
  EXPECT_EQ(table, contract);
}

TEST(Errors, AreFoundByTheirRefusal) {
  for (const BusinessError& error : business_errors)
    EXPECT_EQ(&error_of(error.refusal), &error) << error.code;
  EXPECT_STREQ(error_of(Refusal::event_not_found).code, "event-not-found");
  EXPECT_STREQ(error_of(Refusal::user_not_found).code, "user-not-found");
  EXPECT_STREQ(error_of(Refusal::booking_not_found).code, "booking-not-found");
  EXPECT_STREQ(error_of(Refusal::not_enough_seats).code, "not-enough-seats");
  EXPECT_STREQ(error_of(Refusal::email_taken).code, "email-taken");
  EXPECT_STREQ(error_of(Refusal::booking_closed).code, "booking-closed");
  EXPECT_STREQ(error_of(Refusal::idempotency_key_reused).code, "idempotency-key-reused");
  EXPECT_STREQ(error_of(Refusal::capacity_below_booked).code, "capacity-below-booked");
  EXPECT_STREQ(error_of(Refusal::details_changed).code, "details-changed");
  EXPECT_STREQ(error_of(Refusal::invalid_request).code, "invalid-request");
}

TEST(Errors, HaveAnSqlstateOfTheirOwn) {
  std::set<std::string> seen;
  for (const BusinessError& error : business_errors) {
    EXPECT_TRUE(matches(error.sqlstate, "[0-9A-Z]{5}")) << error.sqlstate;
    EXPECT_TRUE(seen.insert(error.sqlstate).second) << error.sqlstate << " twice";
    // Class TK is ours alone; what the standard has a number for keeps it.
    if (error.refusal != Refusal::invalid_request) {
      EXPECT_TRUE(matches(error.sqlstate, "TK[0-9]{3}")) << error.sqlstate;
    }
  }
}

TEST(Errors, HaveACodeOfTheirOwn) {
  std::set<std::string> seen;
  for (const BusinessError& error : business_errors) {
    EXPECT_TRUE(matches(error.code, "[a-z]+(-[a-z]+)*")) << error.code;
    EXPECT_TRUE(seen.insert(error.code).second) << error.code << " twice";
  }
}

TEST(Errors, AreTheClientsFault) {
  for (const BusinessError& error : business_errors) {
    EXPECT_GE(error.http_status, 400) << error.code;
    EXPECT_LT(error.http_status, 500) << error.code;
  }
}

TEST(Errors, SpeakAsPostgresqlDoes) {
  std::set<std::string> seen;
  for (const BusinessError& error : business_errors) {
    EXPECT_TRUE(matches(error.message, "[a-z][a-z -]*[a-z]")) << error.message;
    EXPECT_TRUE(seen.insert(error.message).second) << error.message << " twice";
    EXPECT_TRUE(matches(error.hint, "[A-Z].*[^. ]\\.")) << error.hint;
    EXPECT_EQ(std::string(error.hint).find('%'), std::string::npos) << "a hint is no format";
  }
}

}  // namespace
}  // namespace evently
