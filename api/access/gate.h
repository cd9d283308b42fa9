#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/access/admin_key.h"
#include "api/access/quota.h"
#include "api/access/rate_limiter.h"
#include "api/access/trusted_proxies.h"

namespace evently {

enum class Access {
  anyone,
  admin,
  probe,  // anyone, and not counted by the limit on clients: monitoring must not be locked out
};

// Says who asks, whether that client may ask once more, and whether it is an administrator.
// Thread-safe; what it is given outlives it.
class Gate {
 public:
  Gate(TrustedProxies proxies, const AdminKeys& admin_keys, RateLimiter& limiter)
      : proxies_(std::move(proxies)), admin_keys_(admin_keys), limiter_(limiter) {}

  // The address of the client behind `peer` and the proxies that are trusted.
  std::string client_of(const std::string& peer, std::string_view forwarded_for) const {
    return proxies_.client_of(peer, forwarded_for);
  }

  bool trusts(const std::string& peer) const { return proxies_.trusts(peer); }

  // One more request. nullopt: this access, or any client, is not limited.
  std::optional<Quota> count_request(const std::string& client, Access access);

  struct KeyAnswer {
    bool accepted = false;
    std::optional<Quota> exceeded;  // the client has guessed too often: its key was not looked at
  };
  // An empty key is no guess.
  KeyAnswer check_admin_key(const std::string& client, const std::string& key);

 private:
  const TrustedProxies proxies_;
  const AdminKeys& admin_keys_;
  RateLimiter& limiter_;
};

}  // namespace evently
