#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>

#include "redis_bridge/tokens/writer.h"
#include "tests/unit/redis_bridge/written_tokens.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

class TokenWriterTest : public WrittenTokens {
 protected:
  static std::vector<SellableInventory> many(std::int64_t count) {
    std::vector<SellableInventory> inventories;
    for (std::int64_t id = 1; id <= count; ++id) inventories.push_back({{id, 1, id}, an_hour_ms});
    return inventories;
  }
};

TEST_F(TokenWriterTest, NewerAndEqualVersionsOverwrite) {
  EXPECT_TRUE(put(7, 5, 10));
  EXPECT_EQ(tokens(7), "10");
  EXPECT_TRUE(put(7, 5, 9));
  EXPECT_EQ(tokens(7), "9");
  EXPECT_TRUE(put(7, 6, 8));
  EXPECT_EQ(tokens(7), "8");
  EXPECT_TRUE(put(7, 5, 20));
  EXPECT_EQ(tokens(7), "8");
  EXPECT_TRUE(put(7, 10, 3)) << "10 is more than 6 as a number only";
  EXPECT_EQ(tokens(7), "3");
}

TEST_F(TokenWriterTest, TokensLiveUntilTheEventStarts) {
  put(7, 1, 5, 5000);
  const int left_ms = std::stoi(redis->ask({"PTTL", "event:7:tokens"}));
  EXPECT_GT(left_ms, 0);
  EXPECT_LE(left_ms, 5000);
  put(7, 1, 5, 30);
  EXPECT_TRUE(eventually([&] { return tokens(7) == "nil"; }, milliseconds(10'000)));
}

TEST_F(TokenWriterTest, AnEventThatHasStartedLosesItsTokens) {
  for (const std::int64_t ms_until_start : {0, -5}) {
    put(7, 1, 5);
    EXPECT_TRUE(put(7, 1, 5, ms_until_start));
    EXPECT_EQ(tokens(7), "nil");
  }
}

TEST_F(TokenWriterTest, AppliesMoreThanOneChunk) {
  EXPECT_TRUE(writer.apply(epoch, many(1234)));
  for (const std::int64_t id : {1, 500, 501, 1000, 1001, 1234}) {
    EXPECT_EQ(tokens(id), std::to_string(id));
  }
  EXPECT_EQ(redis->ask({"HLEN", "evently:versions"}), "1234");
  EXPECT_TRUE(writer.apply(epoch, {}));
}

TEST_F(TokenWriterTest, RefusesAnotherEpochAndNone) {
  put(7, 1, 5);
  EXPECT_FALSE(writer.apply("server-2", {{{7, 9, 9}, an_hour_ms}}));
  EXPECT_EQ(tokens(7), "5");
  redis->ask({"FLUSHALL"});
  EXPECT_FALSE(put(7, 9, 9));
  EXPECT_EQ(redis->ask({"DBSIZE"}), "0");
}

TEST_F(TokenWriterTest, RefusesSeatsBelowZero) {
  EXPECT_THROW(put(7, 1, -1), std::invalid_argument);
  EXPECT_EQ(tokens(7), "nil");
}

TEST_F(TokenWriterTest, KnowsItsEpoch) {
  EXPECT_TRUE(writer.epoch_is(epoch));
  EXPECT_FALSE(writer.epoch_is("server-2"));
  redis->ask({"DEL", "evently:epoch"});
  EXPECT_FALSE(writer.epoch_is(epoch));
  EXPECT_FALSE(writer.epoch_is(""));
}

TEST_F(TokenWriterTest, ANewEpochClearsOursAndNothingElse) {
  writer.apply(epoch, many(3000));
  writer.renew_lease(epoch, milliseconds(60'000));
  redis->ask({"SADD", "evently:touched", "7"});
  redis->ask({"SET", "event:99999:tokens", "1"});  // ours by its name
  const std::vector<std::string> foreign{"event:x:tokens",    "event::tokens",
                                         "event:-1:tokens",   "event:7:tokens:more",
                                         "an:event:7:tokens", "other"};
  for (const std::string& key : foreign) redis->ask({"SET", key, "1"});

  writer.begin_epoch("server-2");
  EXPECT_TRUE(writer.epoch_is("server-2"));
  for (const std::string& key : foreign) EXPECT_EQ(redis->ask({"GET", key}), "1") << key;
  EXPECT_EQ(redis->ask({"DBSIZE"}), std::to_string(foreign.size() + 1));
  EXPECT_TRUE(writer.apply("server-2", {{{7, 1, 5}, an_hour_ms}})) << "versions begin anew";
  EXPECT_EQ(tokens(7), "5");
}

TEST_F(TokenWriterTest, ANewEpochSurvivesKeysOfTheWrongType) {
  for (const char* key : {"evently:versions", "evently:seats", "evently:touched", "evently:epoch",
                          "evently:lease", "event:7:tokens"}) {
    redis->ask({"DEL", key});
    redis->ask({"LPUSH", key, "junk"});
  }
  EXPECT_THROW(writer.epoch_is(epoch), RedisError);
  writer.begin_epoch(epoch);
  EXPECT_TRUE(put(7, 1, 5));
  EXPECT_EQ(tokens(7), "5");
}

TEST_F(TokenWriterTest, TheLeaseNamesTheEpochAndEnds) {
  EXPECT_TRUE(writer.renew_lease(epoch, milliseconds(60'000)));
  EXPECT_EQ(redis->ask({"GET", "evently:lease"}), epoch);
  EXPECT_GT(std::stoi(redis->ask({"PTTL", "evently:lease"})), 0);
  EXPECT_FALSE(writer.renew_lease("server-2", milliseconds(60'000)));
  EXPECT_EQ(redis->ask({"GET", "evently:lease"}), epoch);
}

TEST_F(TokenWriterTest, ThereIsNoLeaseWithoutAnEpoch) {
  redis->ask({"FLUSHALL"});
  EXPECT_FALSE(writer.renew_lease(epoch, milliseconds(60'000)));
  EXPECT_EQ(redis->ask({"DBSIZE"}), "0");
}

TEST_F(TokenWriterTest, RemovesTokensVersionsAndSeats) {
  writer.apply(epoch, many(1002));
  std::vector<std::int64_t> all_but_last;
  for (std::int64_t id = 1; id <= 1001; ++id) all_but_last.push_back(id);
  writer.remove(all_but_last);
  EXPECT_EQ(tokens(1), "nil");
  EXPECT_EQ(tokens(1001), "nil");
  EXPECT_EQ(tokens(1002), "1002");
  EXPECT_EQ(redis->ask({"HLEN", "evently:versions"}), "1");
  EXPECT_EQ(redis->ask({"HLEN", "evently:seats"}), "1");
  writer.remove({});
  writer.remove({424242});
}

TEST_F(TokenWriterTest, ScansAllEventsThatRedisKnows) {
  writer.apply(epoch, many(3000));
  redis->ask({"HSET", "evently:versions", "junk", "1"});
  std::vector<std::int64_t> known;
  std::string cursor = "0";
  int steps = 0;
  do {
    cursor = writer.scan_known(cursor, known);
    ASSERT_LT(++steps, 3000);
  } while (cursor != "0");
  EXPECT_EQ(std::set<std::int64_t>(known.begin(), known.end()).size(), 3000u);
  EXPECT_GT(steps, 1);
}

}  // namespace
}  // namespace evently
