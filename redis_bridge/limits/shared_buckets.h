#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "redis_bridge/redis/guarded.h"
#include "redis_bridge/redis/redis_url.h"

namespace evently {

// A token bucket: `burst` tokens at most, a new one each interval. What is kept of a bucket is one
// number, the time at which it will be full again.
struct BucketSize {
  std::int64_t burst;
  std::int64_t interval_us;

  static BucketSize per_second(int rate, int burst) { return {burst, 1'000'000 / rate}; }
  static BucketSize per_minute(int rate) { return {rate, 60'000'000 / rate}; }

  std::int64_t room_us() const { return burst * interval_us; }
};

struct BucketAnswer {
  bool taken;
  std::int64_t left;               // whole tokens
  std::chrono::microseconds wait;  // until there is one; nothing when one was taken
};

// Takes a token at `now_us`, or says how long to wait. Any clock will do, also one that is set
// back.
inline BucketAnswer take_token(const BucketSize& size, std::int64_t now_us,
                               std::int64_t& full_at_us) {
  const std::int64_t full_at =
      std::clamp(full_at_us, now_us, now_us + size.room_us()) + size.interval_us;
  const std::int64_t spare_us = now_us + size.room_us() - full_at;
  if (spare_us < 0) return {false, 0, std::chrono::microseconds(-spare_us)};
  full_at_us = full_at;
  return {true, spare_us / size.interval_us, {}};
}

// Buckets that all services share, in Redis. Thread-safe, never throws, never waits longer than the
// timeout.
class SharedBuckets {
 public:
  SharedBuckets(RedisUrl url, std::size_t pool_size, std::chrono::milliseconds timeout);

  // nullopt: Redis is out, the caller has to know for himself.
  std::optional<BucketAnswer> take(const std::string& bucket, const BucketSize& size) noexcept;

 private:
  std::atomic<std::uint64_t> errors_{0};
  GuardedRedis redis_;
};

}  // namespace evently
