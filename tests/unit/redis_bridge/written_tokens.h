#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "redis_bridge/tokens/writer.h"
#include "tests/support/redis_process.h"

namespace evently {

constexpr std::int64_t an_hour_ms = 3'600'000;
inline const std::string epoch = "server-1";

// A Redis of the suite's own, and a writer that has begun an epoch in it.
class WrittenTokens : public testing::Test {
 protected:
  static void SetUpTestSuite() { redis = std::make_unique<RedisProcess>(); }
  static void TearDownTestSuite() { redis.reset(); }
  void SetUp() override {
    redis->ask({"FLUSHALL"});
    writer.begin_epoch(epoch);
  }

  bool put(std::int64_t id, std::int64_t version, std::int64_t seats,
           std::int64_t ms_until_start = an_hour_ms) {
    return writer.apply(epoch, {{{id, version, seats}, ms_until_start}});
  }
  static std::string tokens(std::int64_t id) {
    return redis->ask({"GET", "event:" + std::to_string(id) + ":tokens"});
  }

  static inline std::unique_ptr<RedisProcess> redis;
  TokenWriter writer{redis->url(), std::chrono::milliseconds(5000)};
};

}  // namespace evently
