// Token buckets by client address: the arithmetic, the table in the process, the fields they fill.
#include <gtest/gtest.h>

#include <random>

#include "api/access/local_buckets.h"
#include "api/access/quota.h"
#include "api/access/rate_limiter.h"

namespace evently {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t second = 1'000'000;
const BucketSize ten_at_two_a_second = BucketSize::per_second(2, 10);

IpAddress address(const std::string& text) {
  return client_network(text);
}

TEST(TokenBucket, LetsABurstThroughAndThenTheRate) {
  std::int64_t full_at = 0;
  const auto take = [&](std::int64_t now) { return take_token(ten_at_two_a_second, now, full_at); };
  const std::int64_t start = 1'000 * second;
  for (int left = 9; left >= 0; --left) {
    const BucketAnswer answer = take(start);
    EXPECT_TRUE(answer.taken);
    EXPECT_EQ(answer.left, left);
  }
  EXPECT_FALSE(take(start).taken);
  EXPECT_EQ(take(start).wait, microseconds(second / 2));
  EXPECT_EQ(take(start + second / 4).wait, microseconds(second / 4)) << "a refusal costs nothing";
  EXPECT_TRUE(take(start + second / 2).taken);
  EXPECT_FALSE(take(start + second / 2).taken);
  EXPECT_EQ(take(start + 100 * second).left, 9) << "never more than the burst";
}

// Whatever the arrivals: in any stretch of time no more than the burst and what the rate adds.
TEST(TokenBucket, NeverGivesMoreThanBurstAndRate) {
  std::mt19937 random(20'261'124);
  for (int round = 0; round < 200; ++round) {
    const BucketSize size =
        BucketSize::per_second(std::uniform_int_distribution<int>(1, 50)(random),
                               std::uniform_int_distribution<int>(1, 20)(random));
    std::int64_t full_at = 0;
    std::int64_t now = second;
    std::vector<std::int64_t> taken;
    for (int i = 0; i < 300; ++i) {
      now += std::uniform_int_distribution<std::int64_t>(0, 3 * size.interval_us / 2)(random) *
             std::uniform_int_distribution<int>(0, 1)(random);
      if (take_token(size, now, full_at).taken) taken.push_back(now);
    }
    for (std::size_t first = 0; first < taken.size(); ++first) {
      for (std::size_t last = first; last < taken.size(); ++last) {
        const auto count = static_cast<std::int64_t>(last - first + 1);
        ASSERT_LE(count, size.burst + (taken[last] - taken[first]) / size.interval_us)
            << size.burst << " at one each " << size.interval_us << " us";
      }
    }
  }
}

TEST(TokenBucket, SurvivesAClockThatIsSetBack) {
  std::int64_t full_at = 0;
  for (int i = 0; i < 10; ++i) take_token(ten_at_two_a_second, 9'000 * second, full_at);
  const BucketAnswer answer = take_token(ten_at_two_a_second, 5 * second, full_at);
  EXPECT_FALSE(answer.taken);
  EXPECT_LE(answer.wait, microseconds(second / 2)) << "not hours";
}

TEST(LocalBuckets, KeepAddressesApart) {
  LocalBuckets buckets(BucketSize::per_second(1, 3));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buckets.take(address("192.0.2.1"), second).taken);
  EXPECT_FALSE(buckets.take(address("192.0.2.1"), second).taken);
  EXPECT_TRUE(buckets.take(address("192.0.2.2"), second).taken);
}

TEST(LocalBuckets, PeekTakesNothing) {
  LocalBuckets buckets(BucketSize::per_second(1, 1));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(buckets.peek(address("192.0.2.1"), second).taken);
  EXPECT_TRUE(buckets.take(address("192.0.2.1"), second).taken);
  EXPECT_FALSE(buckets.peek(address("192.0.2.1"), second).taken);
}

TEST(LocalBuckets, AreEmptyForAsLongAsSomebodySays) {
  LocalBuckets buckets(BucketSize::per_second(1, 5));
  buckets.empty(address("192.0.2.1"), microseconds(700'000), second);
  EXPECT_EQ(buckets.peek(address("192.0.2.1"), second).wait, microseconds(700'000));
  EXPECT_FALSE(buckets.peek(address("192.0.2.1"), second + 699'999).taken);
  EXPECT_TRUE(buckets.peek(address("192.0.2.1"), second + 700'000).taken);
  EXPECT_TRUE(buckets.peek(address("192.0.2.2"), second).taken);
}

// However many come, memory stays; who has taken most is displaced last.
TEST(LocalBuckets, AreBounded) {
  LocalBuckets buckets(BucketSize::per_second(1, 100), 1);
  const IpAddress greedy = address("192.0.2.1");
  for (int i = 0; i < 100; ++i) buckets.take(greedy, second);
  for (int i = 0; i < 10'000; ++i) {
    buckets.take(address("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)),
                 second);
  }
  EXPECT_FALSE(buckets.take(greedy, second).taken);
}

TEST(ClientNetwork, IsAnAddressOrASubscribersPrefix) {
  EXPECT_EQ(client_network("192.0.2.1"), client_network("::ffff:192.0.2.1"));
  EXPECT_NE(client_network("192.0.2.1"), client_network("192.0.2.2"));
  EXPECT_EQ(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:2:ffff::9"));
  EXPECT_NE(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:3::1"));
  EXPECT_EQ(client_network("nonsense"), client_network(""));
}

TEST(Quota, SpeaksAsTheDraftDoes) {
  const BucketSize size = BucketSize::per_second(10, 25);
  const Quota some{"client", size, {true, 24, {}}};
  EXPECT_EQ(some.policy_field(), "\"client\";q=25;w=3");
  EXPECT_EQ(some.limit_field(), "\"client\";r=24;t=3");
  EXPECT_FALSE(some.exceeded());
  EXPECT_EQ((Quota{"client", size, {true, 0, {}}}.limit_field()), "\"client\";r=0;t=1");
  const Quota none{"client", size, {false, 0, microseconds(1'000'001)}};
  EXPECT_EQ(none.limit_field(), "\"client\";r=0;t=2");
  EXPECT_EQ(none.window_s(), 2) << "what Retry-After says";
  EXPECT_TRUE(none.exceeded());
}

}  // namespace
}  // namespace evently
