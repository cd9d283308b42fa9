#pragma once

#include <memory>
#include <string>

#include "api/access/local_buckets.h"
#include "api/access/quota.h"
#include "api/access/rate_metrics.h"
#include "api/access/trusted_proxies.h"
#include "api/config.h"
#include "redis_bridge/limits/shared_buckets.h"

namespace evently {

// Who counts as one client: an IPv4 address, or the /64 that a subscriber of IPv6 has for himself.
IpAddress client_network(const std::string& address);

// Limits requests, and guesses at the admin key, by client address. Buckets are shared through
// Redis; while it is out, or where there is none, each service keeps its own. Thread-safe.
class RateLimiter {
 public:
  RateLimiter(const Config& config, RateMetrics& metrics);

  bool limits_clients() const { return requests_ != nullptr; }

  // One more request from there. Only where limits_clients().
  Quota take_request(const std::string& address);

  // Before a key is looked at: nothing is taken, and Redis not asked. Calls at the same moment may
  // get one guess each beyond the limit.
  Quota may_show_key(const std::string& address);
  // The key was wrong.
  Quota key_was_wrong(const std::string& address);

 private:
  static constexpr std::size_t redis_connections = 16;

  BucketAnswer take(const char* policy, const IpAddress& network, LocalBuckets& local);

  RateMetrics& metrics_;
  std::unique_ptr<SharedBuckets> shared_;   // null: no Redis
  std::unique_ptr<LocalBuckets> requests_;  // null: clients are not limited
  LocalBuckets wrong_keys_;
};

}  // namespace evently
