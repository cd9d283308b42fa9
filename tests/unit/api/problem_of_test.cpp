#include "api/endpoints/problem_of.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pqxx/except>
#include <set>
#include <stdexcept>
#include <string>

#include "api/database/database_error.h"
#include "extension/rules/errors.h"
#include "tests/unit/api/rolled_back.h"

namespace evently {
namespace {

Problem problem_of_state(const char* sqlstate) {
  return problem_of(pqxx::sql_error("ERROR:  secret words", "SELECT secret", sqlstate));
}

TEST(ProblemOf, AnswersEveryBusinessErrorByItsTable) {
  for (const BusinessError& error : business_errors) {
    const Problem problem = problem_of_state(error.sqlstate);
    EXPECT_EQ(problem.status, error.http_status) << error.sqlstate;
    EXPECT_EQ(problem.code, error.code);
    EXPECT_EQ(problem.title, error.message);
    EXPECT_FALSE(problem.detail.empty());
  }
}

TEST(ProblemOf, GivesEachCodeADetailOfItsOwn) {
  std::set<std::string> details;
  for (const BusinessError& error : business_errors) details.insert(problem_of(error).detail);
  EXPECT_EQ(details.size(), std::size(business_errors));
}

TEST(ProblemOf, NeverRepeatsTheDatabase) {
  for (const char* sqlstate : {"TK101", "22003", "40001", "57014", "XX000", "23505", ""}) {
    const Problem problem = problem_of_state(sqlstate);
    EXPECT_EQ(problem_json(problem, "/x", "id").find("secret"), std::string::npos) << sqlstate;
  }
  EXPECT_EQ(problem_of(std::runtime_error("secret")).detail.find("secret"), std::string::npos);
}

TEST(ProblemOf, CallsEveryBadValueInvalid) {
  for (const char* sqlstate : {"22003", "22007", "22008", "22021", "22P02", "22P05"}) {
    EXPECT_EQ(problem_of_state(sqlstate).status, 400) << sqlstate;
    EXPECT_EQ(problem_of_state(sqlstate).code, "invalid-request") << sqlstate;
  }
}

TEST(ProblemOf, CallsContentionAndAFullQueueBusy) {
  for (const Problem& problem :
       {problem_of(rolled_back<pqxx::deadlock_detected>()), problem_of(Busy())}) {
    EXPECT_EQ(problem.status, 503);
    EXPECT_EQ(problem.code, "busy");
    ASSERT_EQ(problem.headers.size(), 1u);
    EXPECT_EQ(problem.headers[0].first, "Retry-After");
  }
}

TEST(ProblemOf, IsUnavailableWhenTheDatabaseIs) {
  for (const char* sqlstate : {"57014", "57P01", "57P02", "57P03", "53000", "53100", "53200",
                               "53300", "53400", "25006", "08001", "08006", "54000", "58030"}) {
    const Problem problem = problem_of_state(sqlstate);
    EXPECT_EQ(problem.status, 503) << sqlstate;
    EXPECT_EQ(problem.code, "unavailable") << sqlstate;
    ASSERT_EQ(problem.headers.size(), 1u) << sqlstate;
    EXPECT_EQ(problem.headers[0].first, "Retry-After");
  }
  EXPECT_EQ(problem_of(PoolExhausted()).code, "unavailable");
  EXPECT_EQ(problem_of(pqxx::too_many_connections("")).code, "unavailable");
}

TEST(ProblemOf, KeepsTheRestToItself) {
  for (const char* sqlstate : {"XX000", "23505", "23514", "42883", "42P01", "P0001", "TK999"}) {
    EXPECT_EQ(problem_of_state(sqlstate).status, 500) << sqlstate;
    EXPECT_EQ(problem_of_state(sqlstate).code, "internal") << sqlstate;
  }
  // libpqxx forgets the state of this one.
  EXPECT_EQ(problem_of(pqxx::insufficient_privilege("")).status, 500);
  EXPECT_EQ(problem_of(std::out_of_range("")).status, 500);
}

TEST(ProblemOf, PassesARefusalOn) {
  const Problem problem = problem_of(Refused(admin_key_required()));
  EXPECT_EQ(problem.status, 401);
  EXPECT_EQ(problem.code, "admin-key-required");
  EXPECT_EQ(problem.headers.at(0).first, "WWW-Authenticate");
}

TEST(ProblemOf, WritesProblemJson) {
  const auto body = nlohmann::json::parse(
      problem_json(invalid_request("Two fields are wrong.", {{"seats", "is required"}}),
                   "/bookings/\xff\"", "r-1"));
  EXPECT_EQ(body["type"], "urn:evently:problem:invalid-request");
  EXPECT_EQ(body["title"], "invalid request");
  EXPECT_EQ(body["status"], 400);
  EXPECT_EQ(body["detail"], "Two fields are wrong.");
  EXPECT_EQ(body["code"], "invalid-request");
  EXPECT_EQ(body["request_id"], "r-1");
  EXPECT_EQ(body["instance"], "/bookings/\xEF\xBF\xBD\"");
  EXPECT_EQ(body["errors"],
            nlohmann::json::parse(R"([{"field":"seats","message":"is required"}])"));
  EXPECT_FALSE(nlohmann::json::parse(problem_json(busy(), "/", "r")).contains("errors"));
}

}  // namespace
}  // namespace evently
