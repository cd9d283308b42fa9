// The REST service: reads its settings, puts the parts together, serves until it is told to stop.
#include <cstdio>
#include <exception>
#include <memory>

#include "api/admin_key.h"
#include "api/booking_service.h"
#include "api/config.h"
#include "api/database.h"
#include "api/handlers.h"
#include "api/http_server.h"
#include "api/metrics.h"
#include "api/pipeline.h"
#include "api/repository.h"
#include "api/routes.h"
#include "redis_bridge/runtime/environment.h"
#include "redis_bridge/runtime/log.h"
#include "redis_bridge/runtime/signals.h"
#include "redis_bridge/tokens.h"

namespace evently {
namespace {

constexpr const char* program = "evently-api";
constexpr std::size_t redis_connections = 16;

void reload_admin_key(const Config& config, AdminKey& admin_key) {
  if (config.admin_key_file.empty()) return;
  if (const auto key = read_key_file(config.admin_key_file)) {
    admin_key.set(*key);
    log(Level::info, "admin key read again");
  } else {
    log(Level::error, "admin key file cannot be read or is empty; the old key stays",
        {{"file", config.admin_key_file}});
  }
}

int run(const Config& config) {
  start_log(program);
  AdminKey admin_key(config.admin_key);
  HttpServer server(config.http_threads, config.keep_alive_ms);
  const SignalThread signals([&server] { server.stop_serving(); },
                             [&] { reload_admin_key(config, admin_key); });

  Metrics metrics(route_templates());
  Database database(config, repository_statements());
  database.on_retry([&metrics] { metrics.retry(); });
  std::unique_ptr<TokenClient> tokens;
  if (config.redis) {
    tokens = std::make_unique<TokenClient>(*config.redis, redis_connections,
                                           std::chrono::milliseconds(config.redis_timeout_ms));
  }
  const std::chrono::milliseconds queue_budget(config.queue_budget_ms);
  EventCache events(database, queue_budget);
  SeatKnowledge seats(tokens.get(), events);
  BookingService bookings(database, seats, metrics.batches(), queue_budget);
  App app{config, admin_key, database, tokens.get(), events, seats, bookings, metrics};
  Pipeline pipeline(app);
  pipeline.install(server);

  const std::string fault = server.listen_on(config.bind_address, config.port);
  if (!fault.empty()) {
    std::fprintf(stderr, "%s: %s\n", program, fault.c_str());
    return 1;
  }
  log(Level::info, "listening",
      {{"address", config.bind_address},
       {"port", config.port},
       {"threads", config.http_threads},
       {"database_connections", config.db_connections},
       {"redis", config.redis ? "configured" : "not configured"},
       {"admin", config.admin_key.empty() ? "no key, nobody" : "by key"}});
  const bool served = server.serve();
  log(Level::info, "stopped");
  return served ? 0 : 1;
}

}  // namespace
}  // namespace evently

int main() {
  evently::Environment environment;
  const evently::Config config = evently::read_config(environment);
  evently::check_log_level(environment);
  if (!environment.faults().empty()) evently::exit_with_faults(evently::program, environment);
  try {
    return evently::run(config);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", evently::program, error.what());
    return 1;
  }
}
