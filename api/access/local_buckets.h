#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "api/access/trusted_proxies.h"
#include "redis_bridge/limits/shared_buckets.h"

namespace evently {

// Token buckets of one size in this process, one for each address. Bounded: an address has a few
// places to choose from, and a newcomer displaces the bucket that would be full soonest, whose loss
// forgives least. Thread-safe.
class LocalBuckets {
 public:
  // `sets` times four addresses.
  explicit LocalBuckets(const BucketSize& size, std::size_t sets = 4096)
      : size_(size), sets_(sets) {}

  BucketAnswer take(const IpAddress& owner) { return take(owner, now_us()); }
  // Whether there is a token, without taking it.
  BucketAnswer peek(const IpAddress& owner) { return peek(owner, now_us()); }
  // From now on empty for so long: another one, of more weight, says so.
  void empty(const IpAddress& owner, std::chrono::microseconds wait) {
    empty(owner, wait, now_us());
  }

  // The same at a time of the caller's.
  BucketAnswer take(const IpAddress& owner, std::int64_t now_us);
  BucketAnswer peek(const IpAddress& owner, std::int64_t now_us);
  void empty(const IpAddress& owner, std::chrono::microseconds wait, std::int64_t now_us);

  const BucketSize& size() const { return size_; }

 private:
  struct Bucket {
    IpAddress owner{};
    std::int64_t full_at_us = 0;  // in the past: full, and nobody's
  };
  struct Set {
    std::mutex mutex;  // guards the buckets
    std::array<Bucket, 4> buckets;
    Bucket& bucket_of(const IpAddress& owner);
  };

  static std::int64_t now_us();
  Set& set_of(const IpAddress& owner);

  const BucketSize size_;
  std::vector<Set> sets_;
};

}  // namespace evently
