#include "runtime/backoff.h"

#include <gtest/gtest.h>

#include <vector>

#include "redis_bridge/bridge/reconnect_policy.h"

namespace evently {
namespace {

std::vector<int> waits_ms(Backoff& backoff, int count) {
  std::vector<int> waits;
  for (int i = 0; i < count; ++i) waits.push_back(backoff.next_ms());
  return waits;
}

TEST(Backoff, StaysBelowACeilingThatDoublesUpToTheCap) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Backoff backoff(50, 1000, seed);
    int ceiling_ms = 50;
    for (const int wait_ms : waits_ms(backoff, 12)) {
      ASSERT_GE(wait_ms, 1) << "seed " << seed;
      ASSERT_LE(wait_ms, ceiling_ms) << "seed " << seed;
      ceiling_ms = std::min(ceiling_ms * 2, 1000);
    }
  }
}

TEST(Backoff, UsesTheWholeRange) {
  int least_ms = 1000, most_ms = 0;
  Backoff backoff(1000, 1000, 7);
  for (const int wait_ms : waits_ms(backoff, 1000)) {
    least_ms = std::min(least_ms, wait_ms);
    most_ms = std::max(most_ms, wait_ms);
  }
  EXPECT_LT(least_ms, 50);
  EXPECT_GT(most_ms, 950);
}

TEST(Backoff, DiffersBetweenSeeds) {
  Backoff one(50, 1000, 1), other(50, 1000, 2);
  EXPECT_NE(waits_ms(one, 10), waits_ms(other, 10));
}

TEST(Backoff, StartsAnewAfterReset) {
  Backoff backoff(2, 1'000'000, 1);
  waits_ms(backoff, 15);
  backoff.reset();
  EXPECT_LE(backoff.next_ms(), 2);
}

TEST(Backoff, DoesNotOverflow) {
  Backoff backoff(1, 2'147'483'647, 1);
  for (const int wait_ms : waits_ms(backoff, 100)) ASSERT_GE(wait_ms, 1);
}

TEST(ReconnectPolicy, WaitsLongerWithEachFailureUntilItProves) {
  ReconnectPolicy policy(1);
  const ReconnectPolicy::Clock::time_point now{};
  const auto longest_ms = [&] {
    std::int64_t longest = 0;
    for (int i = 0; i < 50; ++i) {
      policy.failed("x", now);
      longest = std::max<std::int64_t>(longest, (policy.retry_at() - now).count() / 1'000'000);
    }
    return longest;
  };
  EXPECT_GT(longest_ms(), 200);
  policy.proved();
  policy.failed("x", now);
  EXPECT_LE(policy.retry_at() - now, std::chrono::milliseconds(50));
}

TEST(ReconnectPolicy, LogsANewFailureAtOnceAndAnOldOneNowAndThen) {
  ReconnectPolicy policy(1);
  const ReconnectPolicy::Clock::time_point now{};
  EXPECT_TRUE(policy.failed("refused", now));
  EXPECT_FALSE(policy.failed("refused", now + std::chrono::seconds(9)));
  EXPECT_TRUE(policy.failed("starting up", now + std::chrono::seconds(9)));
  EXPECT_TRUE(policy.failed("starting up", now + std::chrono::seconds(19)));
  policy.proved();
  EXPECT_TRUE(policy.failed("starting up", now + std::chrono::seconds(20)));
}

}  // namespace
}  // namespace evently
