// The REST service: reads its settings, puts the parts together, serves until it is told to stop.
#include <cstdio>
#include <exception>
#include <optional>

#include "api/access/admin_key.h"
#include "api/access/gate.h"
#include "api/access/rate_limiter.h"
#include "api/booking/booking_service.h"
#include "api/booking/changes.h"
#include "api/booking/seat_hints.h"
#include "api/config.h"
#include "api/database/database.h"
#include "api/database/statements.h"
#include "api/endpoints/endpoints.h"
#include "api/http/server.h"
#include "api/metrics.h"
#include "api/pipeline.h"
#include "api/routes.h"
#include "redis_bridge/limits/shared_rate_buckets.h"
#include "redis_bridge/tokens/client.h"
#include "runtime/environment.h"
#include "runtime/log.h"
#include "runtime/open_files.h"
#include "runtime/signals.h"
#include "runtime/workers.h"

namespace evently {
namespace {

constexpr const char* program = "evently-api";
constexpr std::size_t redis_connections = 16;  // for seat tokens, and as many for rate limits
constexpr std::size_t spare_workers = 8;  // for batches that ask Redis, beside one per connection
constexpr std::size_t quick_workers_max = 8;
constexpr std::size_t other_files = 64;  // libraries, log, loops

void reload_admin_keys(const std::string& path, AdminKeys& admin_keys) {
  if (path.empty()) return;
  const KeyFile file = read_key_file(path);
  if (!file.fault.empty()) {
    log(Level::error, "admin keys not read again; the old ones stay",
        {{"file", path}, {"error", file.fault}});
    return;
  }
  admin_keys.set(file.keys);
  log(Level::info, "admin keys read again", {{"keys", file.keys.size()}});
}

// As many as wanted, or as the open files of this process allow.
std::size_t connections_that_fit(const Config& config) {
  const auto wanted = static_cast<std::size_t>(config.http_connections);
  const std::size_t files = raise_open_files();
  const std::size_t reserved = static_cast<std::size_t>(config.database.connections_max) +
                               2 * redis_connections + turned_away_at_once_max + other_files;
  const std::size_t possible = files > reserved ? files - reserved : 1;
  if (wanted <= possible) return wanted;
  log(Level::warning, "EVENTLY_HTTP_CONNECTIONS is more than the limit of open files allows",
      {{"wanted", wanted}, {"possible", possible}, {"open_files_max", files}});
  return possible;
}

int run(const Config& config) {
  start_log(program);
  AdminKeys admin_keys(config.admin_keys);
  ConnectionCounts connections;
  HttpServer server({config.http_loops,
                     connections_that_fit(config),
                     {std::chrono::milliseconds(config.keep_alive_ms), config.body_bytes_max}},
                    connections);
  const SignalThread signals([&server] { server.stop_serving(); },
                             [&] { reload_admin_keys(config.admin_key_file, admin_keys); });

  Metrics metrics(route_templates());
  Workers workers(static_cast<std::size_t>(config.database.connections_max) + spare_workers);
  // Apart, so that a database that stands still does not delay what asks Redis alone.
  Workers quick_workers(quick_workers_max);
  Database database(config.database, all_statements(), workers);
  database.on_retry([&metrics] { metrics.retry(); });
  std::optional<TokenClient> seat_tokens;
  std::optional<SharedRateBuckets> shared_rates;
  if (config.redis) {
    const std::chrono::milliseconds timeout(config.redis_timeout_ms);
    seat_tokens.emplace(*config.redis, redis_connections, timeout);
    shared_rates.emplace(*config.redis, redis_connections, timeout);
  }
  TokenClient* const tokens = seat_tokens ? &*seat_tokens : nullptr;
  const std::chrono::milliseconds queue_budget(config.queue_budget_ms);
  EventCache events(database, workers, queue_budget);
  SeatHints hints(tokens, database, quick_workers);
  Changes changes;
  changes.subscribe(hints);
  changes.subscribe(events);
  BookingService bookings(database, workers, hints, changes, metrics.batches(), queue_budget);
  RateLimiter limiter(config.rate_limits, shared_rates ? &*shared_rates : nullptr, quick_workers,
                      metrics.rates());
  Gate gate(config.trusted_proxies, admin_keys, limiter);
  const Endpoints endpoints{
      OperationsEndpoints{database, quick_workers, tokens, bookings, metrics, connections},
      UserEndpoints{database},
      EventEndpoints{events},
      BookingEndpoints{database, bookings, metrics},
      AdminEndpoints{database, changes},
      AdminEventEndpoints{database, changes}};
  Pipeline pipeline({config.body_bytes_max, config.cors_origins, config.cors_headers}, gate,
                    endpoints, metrics);

  const std::string fault = server.listen_on(config.bind_address, config.port);
  if (!fault.empty()) {
    std::fprintf(stderr, "%s: %s\n", program, fault.c_str());
    return 1;
  }
  log(Level::info, "listening",
      {{"address", config.bind_address},
       {"port", config.port},
       {"loops", config.http_loops},
       {"database_connections", config.database.connections_max},
       {"redis", config.redis ? "configured" : "not configured"},
       {"admin_keys", config.admin_keys.size()}});
  const bool served = server.serve(pipeline);
  workers.finish();
  quick_workers.finish();
  log(Level::info, "stopped");
  return served ? 0 : 1;
}

}  // namespace
}  // namespace evently

int main() {
  evently::Environment environment;
  const evently::Config config = evently::read_config(environment);
  evently::check_log_level(environment);
  if (!environment.errors().empty())
    evently::exit_with_errors(evently::program, environment.errors());
  try {
    return evently::run(config);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", evently::program, error.what());
    return 1;
  }
}
