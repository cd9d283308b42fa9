#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "redis_bridge/redis/redis_url.h"
#include "runtime/token_bucket.h"

namespace evently {

class GuardedRedis;

// Rate limits that all services share, in Redis: a bucket for each name. Thread-safe, never throws,
// never waits longer than the timeout.
class SharedRateBuckets {
 public:
  SharedRateBuckets(RedisUrl url, std::size_t pool_size, std::chrono::milliseconds timeout);
  ~SharedRateBuckets();
  SharedRateBuckets(const SharedRateBuckets&) = delete;
  SharedRateBuckets& operator=(const SharedRateBuckets&) = delete;

  // nullopt: Redis is out, and the caller has to decide alone.
  std::optional<RateAnswer> take(const std::string& bucket, const RateLimit& limit) noexcept;

 private:
  std::atomic<std::uint64_t> errors_{0};
  const std::unique_ptr<GuardedRedis> redis_;
};

}  // namespace evently
