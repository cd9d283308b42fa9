#include "api/config.h"

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <thread>
#include <utility>

#include "api/access/admin_key.h"
#include "api/database/conninfo.h"

namespace evently {
namespace {

void read_database(Environment& environment, Config& config) {
  config.database.url = environment.required("DATABASE_URL");
  if (!config.database.url.empty() && !is_conninfo(config.database.url)) {
    // Not libpq's own words: they repeat parts of the URL, which may be the password.
    environment.add_error(
        "DATABASE_URL", "is not a PostgreSQL address such as postgresql://user@host:5432/database");
  }
  const int pool_size = environment.integer("DB_POOL_SIZE", 8, 1, 100);
  const int overflow = environment.integer("DB_MAX_OVERFLOW", 4, 0, 100);
  config.database.connections_max = pool_size + overflow;
  config.database.pool_wait_ms = environment.integer("EVENTLY_POOL_WAIT_MS", 1000, 1, 60'000);
  config.queue_budget_ms = environment.integer("EVENTLY_QUEUE_BUDGET_MS", 2000, 1, 60'000);
  config.database.retries_max = environment.integer("MAX_RETRIES", 3, 0, 20);
  config.database.statement_timeout_ms =
      environment.integer("EVENTLY_STATEMENT_TIMEOUT_MS", 5000, 1, 600'000);
  config.database.lock_timeout_ms =
      environment.integer("EVENTLY_LOCK_TIMEOUT_MS", 2000, 1, 600'000);
  config.database.prepare = environment.flag("EVENTLY_DB_PREPARE", true);
}

void read_redis(Environment& environment, Config& config) {
  const std::string url = environment.text("REDIS_URL", "");
  config.redis_timeout_ms = environment.integer("EVENTLY_REDIS_TIMEOUT_MS", 50, 1, 10'000);
  if (url.empty()) return;
  try {
    config.redis = parse_redis_url(url);
  } catch (const std::invalid_argument& error) {
    environment.add_error("REDIS_URL", error.what());
  }
}

bool is_loopback_address(const std::string& address) {
  if (address == "localhost") return true;
  const std::optional<IpAddress> ip = parse_ip(address);
  return ip && is_loopback(*ip);
}

void read_admin_keys(Environment& environment, Config& config) {
  const std::string key = environment.text("ADMIN_KEY", "");
  config.admin_key_file = environment.text("ADMIN_KEY_FILE", "");
  if (!key.empty() && !config.admin_key_file.empty()) {
    environment.add_error("ADMIN_KEY_FILE", "is set beside ADMIN_KEY: set one of them");
    return;
  }
  if (!config.admin_key_file.empty()) {
    KeyFile file = read_key_file(config.admin_key_file);
    if (!file.fault.empty()) {
      environment.add_error("ADMIN_KEY_FILE", config.admin_key_file + ": " + file.fault);
    }
    config.admin_keys = std::move(file.keys);
    return;
  }
  if (!key.empty()) {
    const std::string fault = fault_of_key(key);
    if (!fault.empty()) environment.add_error("ADMIN_KEY", fault);
    config.admin_keys.push_back(key);
    return;
  }
  if (!is_loopback_address(config.bind_address)) {
    environment.add_error(
        "ADMIN_KEY", "is required, or ADMIN_KEY_FILE, when EVENTLY_BIND is not a loopback address");
  }
}

void read_limits(Environment& environment, Config& config) {
  const int per_s = environment.integer("EVENTLY_RATE_LIMIT_PER_S", 0, 0, 10'000);
  const int burst =
      environment.integer("EVENTLY_RATE_LIMIT_BURST", 2 * std::max(per_s, 1), 1, 100'000);
  if (per_s > 0) config.rate_limits.requests = RateLimit::per_second(per_s, burst);
  const int failures = environment.integer("EVENTLY_ADMIN_FAILURES_PER_MIN", 100, 1, 10'000);
  config.rate_limits.wrong_admin_keys = RateLimit::per_minute(failures);
}

bool is_origin(const std::string& origin) {
  if (origin == "*") return true;
  const std::size_t scheme_end = origin.find("://");
  if (scheme_end == std::string::npos || scheme_end == 0) return false;
  const std::string host = origin.substr(scheme_end + 3);
  return !host.empty() && std::none_of(host.begin(), host.end(),
                                       [](char c) { return c == '/' || c <= ' ' || c > '~'; });
}

// Nothing that could end the line of the header it stands in.
bool is_header_list(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == ',' || c == ' ' || c == '*';
  });
}

void read_http(Environment& environment, Config& config) {
  config.bind_address = environment.text("EVENTLY_BIND", "127.0.0.1");
  config.port = environment.integer("PORT", 8080, 1, 65535);
  const int cores = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, 64);
  config.http_loops = environment.integer("EVENTLY_HTTP_LOOPS", cores, 1, 64);
  config.http_connections = environment.integer("EVENTLY_HTTP_CONNECTIONS", 20'000, 1, 1'000'000);
  config.keep_alive_ms = environment.integer("EVENTLY_KEEP_ALIVE_MS", 5000, 1, 300'000);
  config.body_bytes_max = static_cast<std::size_t>(
      environment.integer("EVENTLY_BODY_BYTES_MAX", 65536, 1024, 16 * 1024 * 1024));

  config.cors_origins = environment.list("EVENTLY_CORS_ORIGINS");
  for (const std::string& origin : config.cors_origins) {
    if (!is_origin(origin)) {
      environment.add_error("EVENTLY_CORS_ORIGINS",
                            "'" + origin + "' is no origin such as https://shop.example, nor *");
    }
  }
  config.cors_headers = environment.text(
      "EVENTLY_CORS_HEADERS",
      "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, traceparent, "
      "X-Admin-Key, X-Request-Id");
  if (!is_header_list(config.cors_headers)) {
    environment.add_error("EVENTLY_CORS_HEADERS",
                          "is no list of header names such as Authorization, Content-Type");
  }
  for (const std::string& proxy : environment.list("EVENTLY_TRUSTED_PROXIES")) {
    if (!config.trusted_proxies.add(proxy)) {
      environment.add_error("EVENTLY_TRUSTED_PROXIES",
                            "'" + proxy + "' is neither an address nor a block such as 10.0.0.0/8");
    }
  }
}

}  // namespace

Config read_config(Environment& environment) {
  Config config;
  read_database(environment, config);
  read_redis(environment, config);
  read_http(environment, config);
  read_admin_keys(environment, config);
  read_limits(environment, config);
  return config;
}

}  // namespace evently
