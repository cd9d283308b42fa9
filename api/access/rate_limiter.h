#pragma once

#include <optional>
#include <string>

#include "api/access/local_rate_buckets.h"
#include "api/access/quota.h"
#include "api/access/rate_metrics.h"
#include "api/access/trusted_proxies.h"
#include "runtime/token_bucket.h"
#include "runtime/workers.h"

namespace evently {

class SharedRateBuckets;

struct RateLimits {
  std::optional<RateLimit> requests;  // of one client; none: no client is limited
  RateLimit wrong_admin_keys = RateLimit::per_minute(100);
};

// What counts as one client: an IPv4 address, or the /64 that one subscriber of IPv6 has.
IpAddress client_network(const std::string& address);

// Limits requests, and guesses at the admin key, by client address. Buckets are shared through
// Redis; while it is out, or where there is none, each service keeps its own. Thread-safe.
class RateLimiter {
 public:
  // shared may be null: no Redis. It outlives this.
  RateLimiter(const RateLimits& limits, SharedRateBuckets* shared, Workers& workers,
              RateMetrics& metrics);

  bool limits_clients() const { return requests_.has_value(); }

  // One more request from there. Only where limits_clients().
  Quota take_request(const std::string& address);

  // Before a key is looked at: nothing is counted, and Redis is not asked. Calls at the same moment
  // may get one guess each beyond the limit.
  Quota may_show_key(const std::string& address);
  // The key was wrong.
  Quota key_was_wrong(const std::string& address);

 private:
  RateAnswer take(const char* policy, const IpAddress& network, LocalRateBuckets& local);

  RateMetrics& metrics_;
  Workers& workers_;
  SharedRateBuckets* const shared_;
  std::optional<LocalRateBuckets> requests_;  // none: clients are not limited
  LocalRateBuckets wrong_keys_;
};

}  // namespace evently
