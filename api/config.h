#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "api/access/rate_limiter.h"
#include "api/access/trusted_proxies.h"
#include "redis_bridge/redis/redis_url.h"
#include "runtime/environment.h"

namespace evently {

struct Config {
  std::string database_url;
  std::optional<RedisUrl> redis;  // without it the database decides alone
  int redis_timeout_ms = 50;

  std::vector<std::string> admin_keys;  // none: there are no administrators
  std::string admin_key_file;           // where they came from, read again on SIGHUP; or empty

  RateLimits rate_limits;

  std::string bind_address = "127.0.0.1";
  int port = 8080;
  int http_threads = 320;
  int keep_alive_ms = 5000;
  std::size_t body_bytes_max = 65536;
  std::vector<std::string> cors_origins;  // "*" is any
  TrustedProxies trusted_proxies;

  int db_connections = 12;
  int pool_wait_ms = 1000;
  int queue_budget_ms = 2000;
  int max_retries = 3;
  int statement_timeout_ms = 5000;
  int lock_timeout_ms = 2000;
};

// Every error goes to the environment; the result counts only when there is none.
Config read_config(Environment& environment);

}  // namespace evently
