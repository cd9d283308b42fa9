#pragma once

#include <cstdint>
#include <string>

#include "runtime/token_bucket.h"

namespace evently {

// What one client has left under a limit, and how the header fields of the IETF's draft say it
// (draft-ietf-httpapi-ratelimit-headers-11).
struct Quota {
  const char* policy;
  RateLimit limit;
  RateAnswer answer;

  bool exceeded() const { return !answer.allowed; }

  std::string policy_field() const;  // RateLimit-Policy
  std::string limit_field() const;   // RateLimit

  // When exceeded, the seconds until the next call is allowed, as Retry-After says it too.
  // Otherwise as many as keep a client to the rate that spreads what is left over them. At least 1.
  std::int64_t window_s() const;
};

}  // namespace evently
