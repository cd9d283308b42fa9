#include "api/access/gate.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

namespace evently {
namespace {

const std::string key = "a key of enough bytes";
const std::string client = "192.0.2.1";

class GateTest : public testing::Test {
 protected:
  Gate gate(const RateLimits& limits) {
    limiter_.emplace(limits, nullptr, workers_, metrics_);
    return {TrustedProxies(), keys_, *limiter_};
  }

 private:
  Workers workers_{1};
  prometheus::Registry registry_;
  RateMetrics metrics_{registry_};
  AdminKeys keys_{{key}};
  std::optional<RateLimiter> limiter_;
};

// So slow that nothing is allowed again during a test.
RateLimits two_requests_and_two_guesses() {
  return {RateLimit{2, 60'000'000}, RateLimit{2, 60'000'000}};
}

TEST_F(GateTest, CountsRequestsOfAClient) {
  Gate limited = gate(two_requests_and_two_guesses());
  EXPECT_FALSE(limited.count_request(client, Access::anyone).value().exceeded());
  EXPECT_FALSE(limited.count_request(client, Access::admin).value().exceeded());
  EXPECT_TRUE(limited.count_request(client, Access::anyone).value().exceeded());
  EXPECT_FALSE(limited.count_request("192.0.2.2", Access::anyone).value().exceeded());
}

TEST_F(GateTest, NeverCountsProbes) {
  Gate limited = gate(two_requests_and_two_guesses());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limited.count_request(client, Access::probe));
  EXPECT_FALSE(limited.count_request(client, Access::anyone).value().exceeded());
}

TEST_F(GateTest, CountsNothingWithoutALimit) {
  Gate open = gate({});
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(open.count_request(client, Access::anyone));
}

TEST_F(GateTest, NoKeyIsNoGuess) {
  Gate limited = gate(two_requests_and_two_guesses());
  for (int i = 0; i < 5; ++i) {
    const Gate::KeyAnswer answer = limited.check_admin_key(client, "");
    EXPECT_FALSE(answer.accepted);
    EXPECT_FALSE(answer.exceeded);
  }
  EXPECT_TRUE(limited.check_admin_key(client, key).accepted);
}

TEST_F(GateTest, LooksAtNoKeyOfAClientThatGuessedTooOften) {
  Gate limited = gate(two_requests_and_two_guesses());
  for (int i = 0; i < 2; ++i) {
    const Gate::KeyAnswer answer = limited.check_admin_key(client, "a wrong key of enough bytes");
    EXPECT_FALSE(answer.accepted);
    EXPECT_FALSE(answer.exceeded);
  }
  const Gate::KeyAnswer answer = limited.check_admin_key(client, key);
  EXPECT_FALSE(answer.accepted);
  ASSERT_TRUE(answer.exceeded);
  EXPECT_TRUE(answer.exceeded->exceeded());
  EXPECT_TRUE(limited.check_admin_key("192.0.2.2", key).accepted) << "another client may";
}

}  // namespace
}  // namespace evently
