#include "api/access/rate_limiter.h"

#include <arpa/inet.h>

#include <algorithm>

#include "redis_bridge/limits/shared_rate_buckets.h"

namespace evently {
namespace {

constexpr std::size_t prefix_bytes = 8;  // of /64

std::string text_of(const IpAddress& network) {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, network.data(), text, sizeof text);
  return text;
}

}  // namespace

IpAddress client_network(const std::string& address) {
  IpAddress network = parse_ip(address).value_or(IpAddress{});
  if (!is_ipv4(network)) std::fill(network.begin() + prefix_bytes, network.end(), 0);
  return network;
}

RateLimiter::RateLimiter(const RateLimits& limits, SharedRateBuckets* shared, Workers& workers,
                         RateMetrics& metrics)
    : metrics_(metrics), workers_(workers), shared_(shared), wrong_keys_(limits.wrong_admin_keys) {
  if (limits.requests) requests_.emplace(*limits.requests);
}

RateAnswer RateLimiter::take(const char* policy, const IpAddress& network,
                             LocalRateBuckets& local) {
  if (shared_) {
    const auto answer = workers_.run(
        [&] { return shared_->take(std::string(policy) + ':' + text_of(network), local.limit()); });
    if (answer) {
      metrics_.decided_by_redis();
      return *answer;
    }
  }
  metrics_.decided_here();
  return local.take(network);
}

Quota RateLimiter::take_request(const std::string& address) {
  constexpr const char* policy = RateMetrics::client_policy;
  const Quota quota{policy, requests_->limit(), take(policy, client_network(address), *requests_)};
  if (quota.exceeded()) metrics_.client_refused();
  return quota;
}

Quota RateLimiter::may_show_key(const std::string& address) {
  const Quota quota{RateMetrics::admin_policy, wrong_keys_.limit(),
                    wrong_keys_.peek(client_network(address))};
  if (quota.exceeded()) metrics_.guess_refused();
  return quota;
}

Quota RateLimiter::key_was_wrong(const std::string& address) {
  constexpr const char* policy = RateMetrics::admin_policy;
  const IpAddress network = client_network(address);
  const Quota quota{policy, wrong_keys_.limit(), take(policy, network, wrong_keys_)};
  if (quota.exceeded()) {
    // What another service found out too counts here from now on, without asking.
    wrong_keys_.empty(network, quota.answer.wait);
    metrics_.guess_refused();
  }
  return quota;
}

}  // namespace evently
