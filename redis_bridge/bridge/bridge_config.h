#pragma once

#include <chrono>
#include <string>

#include "redis_bridge/redis/redis_url.h"
#include "runtime/environment.h"

namespace evently {

struct BridgeConfig {
  std::string database_url;
  RedisUrl redis;
  int metrics_port;  // on 127.0.0.1; 0 means none
  std::chrono::milliseconds lease;
  std::chrono::milliseconds heartbeat;
  std::chrono::milliseconds gather;
  std::chrono::milliseconds touched_interval;
};

// Errors are recorded in the environment; the result is of use only when there are none.
BridgeConfig read_bridge_config(Environment& environment);

}  // namespace evently
