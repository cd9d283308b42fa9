#include "runtime/token_bucket.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace evently {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t second = 1'000'000;
const RateLimit ten_at_two_a_second = RateLimit::per_second(2, 10);

TEST(TokenBucket, LetsABurstThroughAndThenTheRate) {
  std::int64_t full_at = 0;
  const auto take = [&](std::int64_t now) { return count_call(ten_at_two_a_second, now, full_at); };
  const std::int64_t start = 1'000 * second;
  for (int left = 9; left >= 0; --left) {
    const RateAnswer answer = take(start);
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.left, left);
  }
  EXPECT_FALSE(take(start).allowed);
  EXPECT_EQ(take(start).wait, microseconds(second / 2));
  EXPECT_EQ(take(start + second / 4).wait, microseconds(second / 4)) << "a refusal costs nothing";
  EXPECT_TRUE(take(start + second / 2).allowed);
  EXPECT_FALSE(take(start + second / 2).allowed);
  EXPECT_EQ(take(start + 100 * second).left, 9) << "never more than the burst";
}

// Whenever calls come: in any stretch of time no more than the burst and what the rate adds.
TEST(TokenBucket, NeverGivesMoreThanBurstAndRate) {
  std::mt19937 random(20'261'124);
  for (int round = 0; round < 200; ++round) {
    const RateLimit limit =
        RateLimit::per_second(std::uniform_int_distribution<int>(1, 50)(random),
                              std::uniform_int_distribution<int>(1, 20)(random));
    std::int64_t full_at = 0;
    std::int64_t now = second;
    std::vector<std::int64_t> taken;
    for (int i = 0; i < 300; ++i) {
      now += std::uniform_int_distribution<std::int64_t>(0, 3 * limit.interval_us / 2)(random) *
             std::uniform_int_distribution<int>(0, 1)(random);
      if (count_call(limit, now, full_at).allowed) taken.push_back(now);
    }
    for (std::size_t first = 0; first < taken.size(); ++first) {
      for (std::size_t last = first; last < taken.size(); ++last) {
        const auto count = static_cast<std::int64_t>(last - first + 1);
        ASSERT_LE(count, limit.burst + (taken[last] - taken[first]) / limit.interval_us)
            << limit.burst << " at one each " << limit.interval_us << " us";
      }
    }
  }
}

TEST(TokenBucket, SurvivesAClockThatIsSetBack) {
  std::int64_t full_at = 0;
  for (int i = 0; i < 10; ++i) count_call(ten_at_two_a_second, 9'000 * second, full_at);
  const RateAnswer answer = count_call(ten_at_two_a_second, 5 * second, full_at);
  EXPECT_FALSE(answer.allowed);
  EXPECT_LE(answer.wait, microseconds(second / 2)) << "not hours";
}

}  // namespace
}  // namespace evently
