#include <cstdio>
#include <exception>
#include <optional>

#include "redis_bridge/bridge/bridge.h"
#include "redis_bridge/bridge/metrics_server.h"
#include "runtime/log.h"
#include "runtime/signals.h"

namespace {

constexpr const char* program = "evently-bridge";

constexpr const char* usage = R"(evently-bridge keeps the tokens in Redis equal to the database.
It takes no arguments; the environment says:
  DATABASE_URL                 required; a direct connection, not through a pooler
  REDIS_URL                    required; redis://[user:password@]host[:port][/database]
  EVENTLY_BRIDGE_METRICS_PORT  8081; /metrics and /health on 127.0.0.1, 0 for none
  EVENTLY_LEASE_MS             1000; how long tokens count without a word of the bridge
  EVENTLY_HEARTBEAT_MS         250; how often the lease is renewed
  EVENTLY_GATHER_MS            20; how long changes are gathered before they are read
  EVENTLY_TOUCHED_INTERVAL_MS  500; how often taken tokens are compared with the database
  EVENTLY_LOG_LEVEL            info; debug, info, warning or error
)";

}  // namespace

int main(int argument_count, char**) {
  if (argument_count > 1) {
    std::fputs(usage, stderr);
    return 2;
  }
  evently::Environment environment;
  evently::check_log_level(environment);
  const evently::BridgeConfig config = evently::read_bridge_config(environment);
  if (!environment.errors().empty()) evently::exit_with_errors(program, environment.errors());

  evently::start_log(program);
  try {
    evently::StopEvent stop;
    const evently::SignalThread signals([&stop] { stop.set(); });
    evently::BridgeMetrics metrics;
    std::optional<evently::MetricsServer> server;
    if (config.metrics_port != 0) server.emplace(config.metrics_port, metrics);
    evently::Bridge(config, metrics, stop).run();
  } catch (const std::exception& error) {
    evently::log(evently::Level::error, "ended by an error", {{"error", error.what()}});
    return 1;
  }
  evently::log(evently::Level::info, "stopped");
  return 0;
}
