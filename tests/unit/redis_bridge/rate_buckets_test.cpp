// Token buckets in Redis: the same arithmetic there, shared, gone when full, and out with Redis.
#include "redis_bridge/limits/shared_rate_buckets.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/support/redis_process.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

// So slow that no token comes back during a test.
const RateLimit five = RateLimit::per_minute(5);

class RateBuckets : public testing::Test {
 protected:
  static void SetUpTestSuite() { redis = std::make_unique<RedisProcess>(); }
  static void TearDownTestSuite() { redis.reset(); }
  void SetUp() override { redis->ask({"FLUSHALL"}); }

  static inline std::unique_ptr<RedisProcess> redis;
  SharedRateBuckets buckets{redis->url(), 4, milliseconds(5000)};
};

TEST_F(RateBuckets, GiveTheBurstAndThenSayHowLongToWait) {
  for (int left = 4; left >= 0; --left) {
    const auto answer = buckets.take("a", five);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->allowed);
    EXPECT_EQ(answer->left, left);
  }
  const auto refused = buckets.take("a", five);
  ASSERT_TRUE(refused);
  EXPECT_FALSE(refused->allowed);
  EXPECT_GT(refused->wait, milliseconds(0));
  EXPECT_LE(refused->wait, milliseconds(12'000));
  EXPECT_TRUE(buckets.take("b", five)->allowed) << "another bucket";
}

TEST_F(RateBuckets, FillAgain) {
  const RateLimit quick = RateLimit::per_second(50, 1);
  ASSERT_TRUE(buckets.take("a", quick)->allowed);
  EXPECT_TRUE(eventually([&] { return buckets.take("a", quick)->allowed; }, milliseconds(5000)));
}

TEST_F(RateBuckets, AreOneForAllServices) {
  SharedRateBuckets another(redis->url(), 4, milliseconds(5000));
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (SharedRateBuckets* service : {&buckets, &another, &buckets, &another}) {
    threads.emplace_back([service, &taken] {
      for (int i = 0; i < 20; ++i) taken += service->take("a", five).value().allowed ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 5);
}

TEST_F(RateBuckets, LeaveNothingBehindOnceFull) {
  ASSERT_TRUE(buckets.take("a", five));
  EXPECT_EQ(redis->ask({"EXISTS", "evently:bucket:a"}), "1");
  const int ms_left = std::stoi(redis->ask({"PTTL", "evently:bucket:a"}));
  EXPECT_GT(ms_left, 0);
  EXPECT_LE(ms_left, 12'001) << "one token of five is missing";
}

TEST_F(RateBuckets, SurviveForeignValues) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"SET", "evently:bucket:a", "nonsense"},
        std::vector<std::string>{"SET", "evently:bucket:a", "9999999999999999999"},
        std::vector<std::string>{"SET", "evently:bucket:a", "99999999999999999"},
        std::vector<std::string>{"HSET", "evently:bucket:a", "x", "1"}}) {
    redis->ask({"DEL", "evently:bucket:a"});
    redis->ask(command);
    const auto answer = buckets.take("a", five);
    ASSERT_TRUE(answer) << command[2];
    EXPECT_GE(answer->wait, milliseconds(0)) << command[2];
    EXPECT_LE(answer->wait, milliseconds(12'000)) << command[2];
  }
}

TEST(RateBucketsFaults, WithoutRedisNothingIsKnown) {
  RedisProcess redis;
  SharedRateBuckets buckets(redis.url(), 4, milliseconds(50));
  redis.end();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(buckets.take("a", five), std::nullopt);
  redis.restart();
  EXPECT_TRUE(
      eventually([&] { return buckets.take("a", five).has_value(); }, milliseconds(10'000)));
}

}  // namespace
}  // namespace evently
