// Tokens while Redis forgets its scripts, wants a password, is killed, or falls silent.
#include <gtest/gtest.h>
#include <hiredis/hiredis.h>

#include <memory>
#include <thread>

#include "redis_bridge/tokens/client.h"
#include "redis_bridge/tokens/writer.h"
#include "tests/support/redis_process.h"

namespace evently {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds timeout{50};
constexpr milliseconds scheduling_slack{500};  // of a busy machine; without a bound it is for ever
const std::string epoch = "server-1";

class TokensFaults : public testing::Test {
 protected:
  void SetUp() override { vouch(); }

  void vouch() {
    TokenWriter writer(redis.url(), milliseconds(5000));
    writer.begin_epoch(epoch);
    writer.apply(epoch, {{{7, 1, 1000}, 3'600'000}});
    writer.renew_lease(epoch, milliseconds(60'000));
  }
  static TokenAnswer take(TokenClient& client) { return client.take_many(7, {1}).items.at(0); }
  TokenAnswer take() { return take(client); }
  bool takes_again(milliseconds limit = milliseconds(10'000)) {
    return eventually([&] { return take() == TokenAnswer::enough; }, limit);
  }

  RedisProcess redis;
  TokenClient client{redis.url(), 4, timeout};
};

template <class Action>
milliseconds duration_of(const Action& action) {
  const auto start = Clock::now();
  action();
  return std::chrono::duration_cast<milliseconds>(Clock::now() - start);
}

TEST_F(TokensFaults, AForgottenScriptIsSentOnceAgain) {
  ASSERT_TRUE(takes_again());
  redis.ask({"SCRIPT", "FLUSH"});
  redis.ask({"CONFIG", "RESETSTAT"});
  TokenClient patient(redis.url(), 1, milliseconds(5000));
  EXPECT_EQ(take(patient), TokenAnswer::enough);
  EXPECT_EQ(take(patient), TokenAnswer::enough);
  EXPECT_EQ(patient.counters().errors, 0u);
  const std::string statistics = redis.ask({"INFO", "commandstats"});
  EXPECT_NE(statistics.find("cmdstat_eval:calls=1,"), std::string::npos) << statistics;
  EXPECT_NE(statistics.find("cmdstat_evalsha:calls=2,"), std::string::npos) << statistics;
}

TEST_F(TokensFaults, KilledRedisIsUnknownAtOnceAndOpensTheBreaker) {
  ASSERT_TRUE(takes_again());
  redis.end();
  const milliseconds spent = duration_of([&] {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(take(), TokenAnswer::unknown);
    EXPECT_EQ(client.apply(epoch, {7, 2, 5}), WriteBack::lost);
    EXPECT_FALSE(client.forget(7));
  });
  EXPECT_LT(spent, 3 * timeout + scheduling_slack);
  EXPECT_TRUE(client.breaker_open());
  EXPECT_FALSE(client.reachable());
  EXPECT_LT(client.counters().errors, 20u) << "most are spared by the breaker";
}

TEST_F(TokensFaults, ComesBackWhenRedisDoes) {
  ASSERT_TRUE(takes_again());
  redis.end();
  while (!client.breaker_open()) take();
  redis.restart();
  vouch();
  EXPECT_TRUE(takes_again());
  EXPECT_FALSE(client.breaker_open());
  EXPECT_TRUE(client.reachable());
}

TEST_F(TokensFaults, ARestartCostsNoMoreThanTheConnectionsInUse) {
  TokenClient patient(redis.url(), 4, milliseconds(5000));
  std::vector<std::thread> threads;  // so that several connections lie idle
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) take(patient);
    });
  }
  for (std::thread& thread : threads) thread.join();
  redis.restart();
  vouch();
  EXPECT_EQ(take(patient), TokenAnswer::unknown);
  EXPECT_EQ(take(patient), TokenAnswer::enough) << "the other idle ones went with the first";
  EXPECT_EQ(patient.counters().errors, 1u);
}

TEST_F(TokensFaults, SilentRedisCostsAboutTheTimeoutAndThenNearlyNothing) {
  ASSERT_TRUE(takes_again());
  redis.pause();
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(duration_of([&] { EXPECT_EQ(take(), TokenAnswer::unknown); }),
              timeout + scheduling_slack);
  }
  EXPECT_TRUE(client.breaker_open());
  // Without a breaker these would take 50 s; one probe a second may be among them.
  EXPECT_LT(duration_of([&] {
              for (int i = 0; i < 1000; ++i) EXPECT_EQ(take(), TokenAnswer::unknown);
            }),
            timeout + scheduling_slack);
  redis.resume();
  EXPECT_TRUE(takes_again());
}

TEST_F(TokensFaults, SilentRedisIsBoundedForWaitersOfTheConnectionsToo) {
  TokenClient narrow(redis.url(), 1, timeout);
  redis.pause();
  std::vector<std::thread> threads;
  const milliseconds spent = duration_of([&] {
    for (int t = 0; t < 16; ++t) {
      threads.emplace_back([&] { EXPECT_EQ(take(narrow), TokenAnswer::unknown); });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_LT(spent, timeout + timeout / 2 + scheduling_slack) << "16 in turn would take 800 ms";
  redis.resume();
}

TEST_F(TokensFaults, AnAnswerThatComesTooLateIsNotTakenForTheNext) {
  ASSERT_TRUE(takes_again());
  redis.pause();
  EXPECT_EQ(take(), TokenAnswer::unknown);
  redis.resume();
  ASSERT_TRUE(eventually([&] { return client.reachable(); }, milliseconds(10'000)));
  TokenWriter(redis.url(), milliseconds(5000)).apply(epoch, {{{7, 2, 0}, 3'600'000}});
  EXPECT_TRUE(eventually([&] { return take() == TokenAnswer::not_enough; }, milliseconds(10'000)));
  EXPECT_EQ(take(), TokenAnswer::not_enough);
}

TEST_F(TokensFaults, AnErrorInAnAnswerKeepsTheConnection) {
  TokenClient patient(redis.url(), 1, milliseconds(5000));
  ASSERT_EQ(take(patient), TokenAnswer::enough);
  const auto connections_so_far = [&] {
    constexpr std::string_view name = "total_connections_received:";
    const std::string info = redis.ask({"INFO", "stats"});
    return std::stoi(info.substr(info.find(name) + name.size()));
  };
  redis.ask({"DEL", "evently:touched"});
  redis.ask({"SET", "evently:touched", "junk"});
  const int before = connections_so_far();
  EXPECT_EQ(take(patient), TokenAnswer::unknown);
  EXPECT_EQ(connections_so_far(), before + 1) << "the question's own, none of the client's";
  redis.ask({"DEL", "evently:touched"});
  EXPECT_EQ(take(patient), TokenAnswer::enough);
  EXPECT_EQ(patient.counters().errors, 1u);
}

TEST_F(TokensFaults, TheWriterThrowsAndIsDeadAfterALostConnection) {
  TokenWriter writer(redis.url(), milliseconds(200));
  redis.end();
  for (int i = 0; i < 2; ++i) {
    try {
      writer.epoch_is(epoch);
      FAIL() << "an answer without a Redis";
    } catch (const RedisError& error) {
      EXPECT_TRUE(error.connection_lost());
    }
    redis.restart();  // it must not come back by itself
  }
  EXPECT_NO_THROW(TokenWriter(redis.url(), milliseconds(5000)).epoch_is(epoch));
}

TEST_F(TokensFaults, TheWriterIsBoundedByItsTimeout) {
  TokenWriter writer(redis.url(), timeout);
  redis.pause();
  EXPECT_LT(duration_of([&] { EXPECT_THROW(writer.epoch_is(epoch), RedisError); }),
            timeout + scheduling_slack);
  EXPECT_LT(duration_of([&] { EXPECT_THROW(TokenWriter(redis.url(), timeout), RedisError); }),
            timeout + scheduling_slack);
  redis.resume();
}

TEST(TokensAccess, PasswordAndDatabaseAreUsed) {
  const RedisProcess redis({"--requirepass", "secret"});
  RedisUrl url = redis.url();
  url.database = 3;
  EXPECT_THROW(TokenWriter(url, milliseconds(5000)), RedisError);
  url.password = "wrong";
  EXPECT_THROW(TokenWriter(url, milliseconds(5000)), RedisError);
  TokenClient wrong(url, 1, milliseconds(5000));
  EXPECT_EQ(wrong.take_many(7, {1}).items, std::vector<TokenAnswer>{TokenAnswer::unknown});
  url.password = "secret";
  TokenWriter writer(url, milliseconds(5000));
  writer.begin_epoch(epoch);
  EXPECT_TRUE(writer.epoch_is(epoch));
  url.user = "default";
  EXPECT_TRUE(TokenWriter(url, milliseconds(5000)).epoch_is(epoch));
  url.database = 0;
  EXPECT_FALSE(TokenWriter(url, milliseconds(5000)).epoch_is(epoch));
}

TEST(TokensAccess, AnUnknownHostIsAnError) {
  RedisUrl url;
  url.host = "nosuchhost.invalid";
  EXPECT_THROW(TokenWriter(url, milliseconds(200)), RedisError);
}

}  // namespace
}  // namespace evently
