#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "api/access/trusted_proxies.h"
#include "runtime/token_bucket.h"

namespace evently {

// One rate limit in this process, a bucket for each address. Bounded: an address has four slots to
// choose from, and a new address displaces the bucket that would be full soonest, whose loss
// forgives least. Thread-safe.
class LocalRateBuckets {
 public:
  // `sets` times four addresses.
  explicit LocalRateBuckets(const RateLimit& limit, std::size_t sets = 4096)
      : limit_(limit), sets_(sets) {}

  RateAnswer take(const IpAddress& owner) { return take(owner, now_us()); }
  // Whether a call would be allowed; it is not counted.
  RateAnswer peek(const IpAddress& owner) { return peek(owner, now_us()); }
  // The bucket is empty for this long from now on, because the one that all services share says so.
  void empty(const IpAddress& owner, std::chrono::microseconds wait) {
    empty(owner, wait, now_us());
  }

  // The same at a time that the caller gives.
  RateAnswer take(const IpAddress& owner, std::int64_t now_us);
  RateAnswer peek(const IpAddress& owner, std::int64_t now_us);
  void empty(const IpAddress& owner, std::chrono::microseconds wait, std::int64_t now_us);

  const RateLimit& limit() const { return limit_; }

 private:
  struct Bucket {
    IpAddress owner{};
    std::int64_t full_at_us = 0;  // in the past: full, and free to be displaced
  };
  struct Set {
    std::mutex mutex;  // guards the buckets
    std::array<Bucket, 4> buckets;
    Bucket& bucket_of(const IpAddress& owner);
  };

  static std::int64_t now_us();
  Set& set_of(const IpAddress& owner);

  const RateLimit limit_;
  std::vector<Set> sets_;
};

}  // namespace evently
