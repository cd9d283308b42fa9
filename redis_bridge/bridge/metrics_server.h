#pragma once

#include <httplib.h>

#include <atomic>
#include <thread>

#include "redis_bridge/bridge/bridge_metrics.h"

namespace evently {

// Serves GET /metrics and GET /health on 127.0.0.1. Throws std::runtime_error when the port is in
// use.
class MetricsServer {
 public:
  MetricsServer(int port, BridgeMetrics& metrics);
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

 private:
  httplib::Server server_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace evently
