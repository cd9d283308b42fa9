#include "redis_bridge/bridge/bridge_config.h"

#include <stdexcept>

#include "redis_bridge/bridge/postgres_session.h"

namespace evently {

BridgeConfig read_bridge_config(Environment& environment) {
  BridgeConfig config{};
  config.database_url = environment.required("DATABASE_URL");
  if (!config.database_url.empty() && !valid_postgres_url(config.database_url)) {
    // What libpq says of it may repeat the password.
    environment.add_error("DATABASE_URL",
                          "must have the form postgresql://user:password@host/database");
  }
  const std::string redis_url = environment.required("REDIS_URL");
  try {
    if (!redis_url.empty()) config.redis = parse_redis_url(redis_url);
  } catch (const std::invalid_argument& error) {
    environment.add_error("REDIS_URL", error.what());
  }
  config.metrics_port = environment.integer("EVENTLY_BRIDGE_METRICS_PORT", 8081, 0, 65535);
  const int lease_ms = environment.integer("EVENTLY_LEASE_MS", 1000, 100, 10'000);
  const int heartbeat_ms = environment.integer("EVENTLY_HEARTBEAT_MS", 250, 10, 5'000);
  if (heartbeat_ms > lease_ms / 2) {
    environment.add_error("EVENTLY_HEARTBEAT_MS", "must be at most half of EVENTLY_LEASE_MS");
  }
  config.lease = std::chrono::milliseconds(lease_ms);
  config.heartbeat = std::chrono::milliseconds(heartbeat_ms);
  config.gather = std::chrono::milliseconds(environment.integer("EVENTLY_GATHER_MS", 20, 0, 500));
  config.touched_interval = std::chrono::milliseconds(
      environment.integer("EVENTLY_TOUCHED_INTERVAL_MS", 500, 10, 10'000));
  return config;
}

}  // namespace evently
