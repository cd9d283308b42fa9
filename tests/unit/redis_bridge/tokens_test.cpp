// The token client against a Redis that is well, and what the bridge's writer gives it to read.
// Faults of Redis are in tokens_faults_test.cpp.
#include "redis_bridge/tokens/client.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "tests/unit/redis_bridge/written_tokens.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

class Tokens : public WrittenTokens {
 protected:
  void SetUp() override {
    WrittenTokens::SetUp();
    writer.renew_lease(epoch, milliseconds(60'000));
  }

  static std::string known_version(std::int64_t id) {
    return redis->ask({"HGET", "evently:versions", std::to_string(id)});
  }

  TokenAnswer take(std::int64_t id, std::int64_t seats) {
    return client.take_many(id, {seats}).items.at(0);
  }

  TokenClient client{redis->url(), 4, milliseconds(5000)};
};

TEST_F(Tokens, ThreeAnswers) {
  put(7, 1, 5);
  EXPECT_EQ(take(7, 3), TokenAnswer::enough);
  EXPECT_EQ(tokens(7), "2");
  EXPECT_EQ(take(7, 6), TokenAnswer::not_enough);
  EXPECT_EQ(tokens(7), "2") << "a refusal takes nothing";
  EXPECT_EQ(take(8, 1), TokenAnswer::unknown) << "no tokens of that event";
  EXPECT_EQ(client.counters().enough, 1u);
  EXPECT_EQ(client.counters().not_enough, 1u);
  EXPECT_EQ(client.counters().unknown, 1u);
  EXPECT_EQ(client.counters().errors, 0u);
}

TEST_F(Tokens, ThoseTakenByOthersAreNotSoldYet) {
  put(7, 1, 5);
  take(7, 3);
  EXPECT_EQ(take(7, 3), TokenAnswer::taken);
  EXPECT_EQ(tokens(7), "2");
  EXPECT_EQ(take(7, 2), TokenAnswer::enough);
  EXPECT_EQ(take(7, 1), TokenAnswer::taken) << "the database has not said so";
  EXPECT_EQ(client.counters().taken, 2u);
  client.apply(epoch, {7, 2, 0});
  EXPECT_EQ(take(7, 1), TokenAnswer::not_enough);
  put(7, 3, 1);
  EXPECT_EQ(take(7, 2), TokenAnswer::not_enough);
  EXPECT_EQ(take(7, 1), TokenAnswer::enough);
}

// As a bridge of an earlier version does, or an operator.
TEST_F(Tokens, SetByOneWhoKeepsNoSeatsTheyCountAsTheDatabasesWord) {
  put(7, 1, 0);
  redis->ask({"SET", "event:7:tokens", "10"});
  const TokenAnswers answers = client.take_many(7, {11, 10});
  EXPECT_EQ(answers.items,
            (std::vector<TokenAnswer>{TokenAnswer::not_enough, TokenAnswer::enough}));
  EXPECT_EQ(answers.seats_left, 10);
}

TEST_F(Tokens, ABatchIsDecidedItemByItemInOrder) {
  put(7, 1, 5);
  const TokenAnswers answers = client.take_many(7, {3, 6, 2, 1});
  EXPECT_EQ(answers.items, (std::vector<TokenAnswer>{TokenAnswer::enough, TokenAnswer::not_enough,
                                                     TokenAnswer::enough, TokenAnswer::taken}))
      << "the third still fits behind the second";
  EXPECT_EQ(tokens(7), "0");
  EXPECT_EQ(client.counters().enough, 2u);
  EXPECT_EQ(client.counters().not_enough, 1u);
  EXPECT_EQ(client.counters().taken, 1u);
  EXPECT_EQ(writer.drain_touched(9), std::vector<std::int64_t>{7});
}

TEST_F(Tokens, ABatchTellsWhatIsLeftAndHowLongThatCounts) {
  put(7, 1, 5);
  ASSERT_TRUE(writer.renew_lease(epoch, milliseconds(500)));
  const TokenAnswers answers = client.take_many(7, {1, 1});
  EXPECT_EQ(answers.seats_left, 5);
  EXPECT_GT(answers.valid_for, milliseconds(0));
  EXPECT_LE(answers.valid_for, milliseconds(500)) << "no longer than the lease";
}

TEST_F(Tokens, AnUnknownBatchTakesNothing) {
  EXPECT_EQ(client.take_many(8, {1, 2}).items, std::vector<TokenAnswer>(2, TokenAnswer::unknown));
  EXPECT_TRUE(client.take_many(8, {}).items.empty());
  put(7, 1, 5);
  EXPECT_EQ(client.take_many(7, {1, 0}).items, std::vector<TokenAnswer>(2, TokenAnswer::unknown));
  EXPECT_EQ(tokens(7), "5");
  EXPECT_EQ(client.counters().unknown, 4u);
}

TEST_F(Tokens, ALargeBatchIsOneStep) {
  put(7, 1, 300);
  const TokenAnswers answers = client.take_many(7, std::vector<std::int64_t>(256, 1));
  EXPECT_EQ(answers.items, std::vector<TokenAnswer>(256, TokenAnswer::enough));
  EXPECT_EQ(tokens(7), "44");
}

TEST_F(Tokens, ALeaseWithoutAnEndDoesNotCount) {
  put(7, 1, 5);
  redis->ask({"SET", "evently:lease", epoch});
  EXPECT_EQ(take(7, 1), TokenAnswer::unknown) << "no bridge could have renewed it";
}

TEST_F(Tokens, SeatsBelowOneAreUnknown) {
  put(7, 1, 5);
  EXPECT_EQ(take(7, 0), TokenAnswer::unknown);
  EXPECT_EQ(take(7, -1), TokenAnswer::unknown);
  EXPECT_EQ(tokens(7), "5");
}

TEST_F(Tokens, WithoutALeaseEveryAnswerIsUnknown) {
  put(7, 1, 5);
  redis->ask({"DEL", "evently:lease"});
  EXPECT_EQ(take(7, 1), TokenAnswer::unknown);
  EXPECT_EQ(tokens(7), "5");
}

TEST_F(Tokens, ALeaseEndsByItself) {
  put(7, 1, 1'000'000);
  ASSERT_TRUE(writer.renew_lease(epoch, milliseconds(50)));
  EXPECT_TRUE(eventually([&] { return take(7, 1) == TokenAnswer::unknown; }, milliseconds(10'000)));
}

TEST_F(Tokens, TakingMarksTheEventAsTouched) {
  put(7, 1, 1);
  put(8, 1, 1);
  put(9, 1, 1);
  take(7, 1);
  take(8, 2);  // a refusal may rest on tokens that are wrong
  take(10, 1);
  std::vector<std::int64_t> touched = writer.drain_touched(100);
  std::sort(touched.begin(), touched.end());
  EXPECT_EQ(touched, (std::vector<std::int64_t>{7, 8}));
  EXPECT_TRUE(writer.drain_touched(100).empty());
}

TEST_F(Tokens, DrainingIsBoundedAndSkipsJunk) {
  for (std::int64_t id = 1; id <= 5; ++id) {
    put(id, 1, 1);
    take(id, 1);
  }
  EXPECT_EQ(writer.drain_touched(3).size(), 3u);
  EXPECT_EQ(writer.drain_touched(3).size(), 2u);
  redis->ask({"SADD", "evently:touched", "x", "-1", "7"});
  EXPECT_EQ(writer.drain_touched(9), std::vector<std::int64_t>{7});
}

TEST_F(Tokens, TheServiceWritesNewerAndEqualVersionsBack) {
  put(7, 5, 10);
  EXPECT_EQ(client.apply(epoch, {7, 6, 4}), WriteBack::done);
  EXPECT_EQ(tokens(7), "4");
  EXPECT_EQ(known_version(7), "6");
  client.apply(epoch, {7, 6, 3});
  EXPECT_EQ(tokens(7), "3");
  EXPECT_EQ(client.apply(epoch, {7, 5, 9}), WriteBack::done);
  EXPECT_EQ(tokens(7), "3") << "an older answer came late";
  EXPECT_EQ(known_version(7), "6");
  EXPECT_EQ(client.apply("server-2", {7, 99, 9}), WriteBack::other_epoch);
  EXPECT_EQ(tokens(7), "3") << "another epoch";
  client.apply(epoch, {7, 7, -1});
  EXPECT_EQ(tokens(7), "3") << "no database says that";
  EXPECT_EQ(client.counters().errors, 1u);
}

TEST_F(Tokens, TheServiceMakesNoKeysAndLeavesTheirEndAlone) {
  client.apply(epoch, {7, 1, 5});
  EXPECT_EQ(tokens(7), "nil");
  EXPECT_EQ(known_version(7), "nil");
  put(7, 1, 5);
  client.apply(epoch, {7, 2, 4});
  const int left_ms = std::stoi(redis->ask({"PTTL", "event:7:tokens"}));
  EXPECT_GT(left_ms, an_hour_ms - 60'000);
  EXPECT_LE(left_ms, an_hour_ms);
}

TEST_F(Tokens, ForgettingMakesTheEventUnknownAndTouched) {
  put(7, 5, 10);
  EXPECT_TRUE(client.forget(7));
  EXPECT_EQ(take(7, 1), TokenAnswer::unknown);
  EXPECT_EQ(writer.drain_touched(9), std::vector<std::int64_t>{7});
  put(7, 4, 11);
  EXPECT_EQ(tokens(7), "nil") << "what was read before must not come back";
  put(7, 5, 10);
  EXPECT_EQ(tokens(7), "10");
}

TEST_F(Tokens, ManyThreadsTakeEachTokenOnce) {
  put(7, 1, 100);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 25; ++i) take(7, 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client.counters().enough, 100u);
  EXPECT_EQ(client.counters().taken, 100u);
  EXPECT_EQ(tokens(7), "0");
}

TEST_F(Tokens, IdsAndSeatsOfAnySize) {
  constexpr std::int64_t id = 9'223'372'036'854'775'807;
  put(id, 4'000'000'000'000, 1'000'000);
  EXPECT_EQ(take(id, 1'000'000), TokenAnswer::enough);
  EXPECT_EQ(take(id, 9'223'372'036'854'775'807), TokenAnswer::not_enough);
  EXPECT_EQ(tokens(id), "0");
}

TEST_F(Tokens, StrangeTokensAreUnknown) {
  for (const char* value : {"", "x", "-1", "1.5", "1e3", " 7", "0x7"}) {
    redis->ask({"SET", "event:7:tokens", value});
    EXPECT_EQ(take(7, 1), TokenAnswer::unknown) << value;
    EXPECT_EQ(tokens(7), value);
  }
  redis->ask({"DEL", "event:7:tokens"});
  redis->ask({"LPUSH", "event:7:tokens", "1"});
  EXPECT_EQ(take(7, 1), TokenAnswer::unknown);
  EXPECT_EQ(client.counters().errors, 0u) << "one bad key says nothing of Redis";
  put(7, 1, 3);
  EXPECT_EQ(tokens(7), "3");
}

TEST_F(Tokens, IsReachable) {
  EXPECT_TRUE(client.reachable());
}

}  // namespace
}  // namespace evently
