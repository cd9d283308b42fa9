#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/access/rate_limiter.h"
#include "api/access/trusted_proxies.h"
#include "api/database/settings.h"
#include "redis_bridge/redis/redis_url.h"
#include "runtime/environment.h"

namespace evently {

// What read_config() found; the defaults are there.
struct Config {
  DatabaseSettings database;
  int queue_budget_ms = 0;

  std::optional<RedisUrl> redis;  // without it the database decides alone
  int redis_timeout_ms = 0;

  std::vector<std::string> admin_keys;  // none: there are no administrators
  std::string admin_key_file;           // where they came from, read again on SIGHUP; or empty

  RateLimits rate_limits;

  std::string bind_address;
  int port = 0;
  int http_loops = 0;
  int http_connections = 0;
  int keep_alive_ms = 0;
  std::size_t body_bytes_max = 0;
  std::vector<std::string> cors_origins;  // "*" is any
  std::string cors_headers;               // with commas between
  TrustedProxies trusted_proxies;
};

// Every error goes to the environment; the result counts only when there is none.
Config read_config(Environment& environment);

}  // namespace evently
