// Rate limits by client address: the table in the process, the fields they fill.
#include <gtest/gtest.h>

#include "api/access/local_rate_buckets.h"
#include "api/access/quota.h"
#include "api/access/rate_limiter.h"

namespace evently {
namespace {

using std::chrono::microseconds;

constexpr std::int64_t second = 1'000'000;

IpAddress address(const std::string& text) {
  return client_network(text);
}

TEST(LocalRateBuckets, KeepAddressesApart) {
  LocalRateBuckets buckets(RateLimit::per_second(1, 3));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buckets.take(address("192.0.2.1"), second).allowed);
  EXPECT_FALSE(buckets.take(address("192.0.2.1"), second).allowed);
  EXPECT_TRUE(buckets.take(address("192.0.2.2"), second).allowed);
}

TEST(LocalRateBuckets, PeekTakesNothing) {
  LocalRateBuckets buckets(RateLimit::per_second(1, 1));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(buckets.peek(address("192.0.2.1"), second).allowed);
  EXPECT_TRUE(buckets.take(address("192.0.2.1"), second).allowed);
  EXPECT_FALSE(buckets.peek(address("192.0.2.1"), second).allowed);
}

TEST(LocalRateBuckets, AreEmptyForAsLongAsTheyAreTold) {
  LocalRateBuckets buckets(RateLimit::per_second(1, 5));
  buckets.empty(address("192.0.2.1"), microseconds(700'000), second);
  EXPECT_EQ(buckets.peek(address("192.0.2.1"), second).wait, microseconds(700'000));
  EXPECT_FALSE(buckets.peek(address("192.0.2.1"), second + 699'999).allowed);
  EXPECT_TRUE(buckets.peek(address("192.0.2.1"), second + 700'000).allowed);
  EXPECT_TRUE(buckets.peek(address("192.0.2.2"), second).allowed);
}

// However many come, memory stays; who has taken most is displaced last.
TEST(LocalRateBuckets, AreBounded) {
  LocalRateBuckets buckets(RateLimit::per_second(1, 100), 1);
  const IpAddress greedy = address("192.0.2.1");
  for (int i = 0; i < 100; ++i) buckets.take(greedy, second);
  for (int i = 0; i < 10'000; ++i) {
    buckets.take(address("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)),
                 second);
  }
  EXPECT_FALSE(buckets.take(greedy, second).allowed);
}

TEST(ClientNetwork, IsAnAddressOrASubscribersPrefix) {
  EXPECT_EQ(client_network("192.0.2.1"), client_network("::ffff:192.0.2.1"));
  EXPECT_NE(client_network("192.0.2.1"), client_network("192.0.2.2"));
  EXPECT_EQ(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:2:ffff::9"));
  EXPECT_NE(client_network("2001:db8:1:2::1"), client_network("2001:db8:1:3::1"));
  EXPECT_EQ(client_network("nonsense"), client_network(""));
}

TEST(Quota, SpeaksAsTheDraftDoes) {
  const RateLimit limit = RateLimit::per_second(10, 25);
  const Quota some{"client", limit, {true, 24, {}}};
  EXPECT_EQ(some.policy_field(), "\"client\";q=25;w=3");
  EXPECT_EQ(some.limit_field(), "\"client\";r=24;t=3");
  EXPECT_FALSE(some.exceeded());
  EXPECT_EQ((Quota{"client", limit, {true, 0, {}}}.limit_field()), "\"client\";r=0;t=1");
  const Quota none{"client", limit, {false, 0, microseconds(1'000'001)}};
  EXPECT_EQ(none.limit_field(), "\"client\";r=0;t=2");
  EXPECT_EQ(none.window_s(), 2) << "what Retry-After says";
  EXPECT_TRUE(none.exceeded());
}

}  // namespace
}  // namespace evently
