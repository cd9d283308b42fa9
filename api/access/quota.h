#pragma once

#include <cstdint>
#include <string>

#include "redis_bridge/limits/shared_buckets.h"

namespace evently {

// What one client has left under a limit, and how the header fields of the IETF's draft say it
// (draft-ietf-httpapi-ratelimit-headers-11).
struct Quota {
  const char* policy;
  BucketSize size;
  BucketAnswer answer;

  bool exceeded() const { return !answer.taken; }

  std::string policy_field() const;  // RateLimit-Policy
  std::string limit_field() const;   // RateLimit

  // When exceeded, the time until the next token, as Retry-After says it too. Otherwise so long
  // that whoever spreads what is left over it keeps to the rate. At least 1.
  std::int64_t window_s() const;
};

}  // namespace evently
