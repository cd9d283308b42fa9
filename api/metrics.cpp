#include "api/metrics.h"

#include <prometheus/text_serializer.h>

#include "extension/rules/errors.h"
#include "redis_bridge/tokens/client.h"

namespace evently {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;

const prometheus::Histogram::BucketBoundaries seconds_buckets = {
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};

void raise_to(prometheus::Counter& counter, double value) {
  if (value > counter.Value()) counter.Increment(value - counter.Value());
}

}  // namespace

Metrics::Metrics(const std::vector<Router::Template>& routes)
    : requests_(BuildCounter()
                    .Name("evently_http_requests_total")
                    .Help("Requests answered, by method, route and status.")
                    .Register(registry_)),
      durations_(BuildHistogram()
                     .Name("evently_http_request_duration_seconds")
                     .Help("From the first byte of a request to the last of its answer, by route.")
                     .Register(registry_)),
      bookings_(BuildCounter()
                    .Name("evently_bookings_total")
                    .Help("Booking calls, by outcome: booked, replayed or the code of the refusal.")
                    .Register(registry_)),
      cancellations_(BuildCounter()
                         .Name("evently_cancellations_total")
                         .Help("Cancel calls, by outcome: cancelled, unchanged or the code of the "
                               "refusal.")
                         .Register(registry_)),
      redis_answers_(BuildCounter()
                         .Name("evently_redis_answers_total")
                         .Help("What Redis said when asked for tokens, and its errors.")
                         .Register(registry_)),
      retries_(BuildCounter()
                   .Name("evently_db_retries_total")
                   .Help("Statements run again after contention.")
                   .Register(registry_)
                   .Add({})),
      pool_in_use_(BuildGauge()
                       .Name("evently_db_pool_in_use")
                       .Help("Database connections at work.")
                       .Register(registry_)
                       .Add({})),
      pool_size_(BuildGauge()
                     .Name("evently_db_pool_size")
                     .Help("Database connections at most.")
                     .Register(registry_)
                     .Add({})),
      breaker_open_(BuildGauge()
                        .Name("evently_redis_breaker_open")
                        .Help("1 while Redis is out and hardly asked.")
                        .Register(registry_)
                        .Add({})),
      http_connections_(BuildGauge()
                            .Name("evently_http_connections")
                            .Help("Clients that are connected.")
                            .Register(registry_)
                            .Add({})),
      http_turned_away_(BuildCounter()
                            .Name("evently_http_connections_refused_total")
                            .Help("Clients turned away with 503, because too many were connected.")
                            .Register(registry_)
                            .Add({})),
      booked_(bookings_.Add({{"outcome", "booked"}})),
      sold_out_(bookings_.Add({{"outcome", error_of(Refusal::not_enough_seats).code}})) {
  // A family without a child would not be shown.
  cancellations_.Add({{"outcome", "cancelled"}});
  for (const char* answer : {"enough", "not_enough", "unknown", "error"}) {
    redis_answers_.Add({{"answer", answer}});
  }
  for (const Router::Template& route : routes) {
    routes_.push_back(std::make_unique<RouteMetrics>());
    routes_.back()->route = route;
  }
  routes_.push_back(std::make_unique<RouteMetrics>());
  routes_.back()->route = {"", "unmatched"};
  for (const auto& metrics : routes_) {
    // Two routes with one path share its histogram.
    metrics->duration = &durations_.Add({{"route", metrics->route.path}}, seconds_buckets);
  }
}

Metrics::RouteMetrics& Metrics::metrics_of(std::optional<std::size_t> route) {
  return *routes_[route.value_or(routes_.size() - 1)];
}

void Metrics::request(std::optional<std::size_t> route, const std::string& method, int status,
                      double seconds) {
  RouteMetrics& metrics = metrics_of(route);
  metrics.duration->Observe(seconds);
  const auto add = [&]() -> prometheus::Counter& {
    return requests_.Add(
        {{"method", method}, {"route", metrics.route.path}, {"status", std::to_string(status)}});
  };
  if (method != metrics.route.method || status < 0 ||
      static_cast<std::size_t>(status) >= statuses) {
    add().Increment();
    return;
  }
  auto& cached = metrics.by_status[static_cast<std::size_t>(status)];
  prometheus::Counter* counter = cached.load(std::memory_order_acquire);
  if (counter == nullptr) {
    counter = &add();  // the same child in every thread
    cached.store(counter, std::memory_order_release);
  }
  counter->Increment();
}

void Metrics::booking(const std::string& outcome) {
  if (outcome == "booked") {
    booked_.Increment();
  } else if (outcome == error_of(Refusal::not_enough_seats).code) {
    sold_out_.Increment();
  } else {
    bookings_.Add({{"outcome", outcome}}).Increment();
  }
}

void Metrics::cancellation(const std::string& outcome) {
  cancellations_.Add({{"outcome", outcome}}).Increment();
}

void Metrics::show_redis(const TokenClient& tokens) {
  const TokenClient::Counters& counters = tokens.counters();
  const auto show = [this](const char* answer, std::uint64_t count) {
    raise_to(redis_answers_.Add({{"answer", answer}}), static_cast<double>(count));
  };
  show("enough", counters.enough);
  show("not_enough", counters.not_enough);
  show("taken", counters.taken);
  show("unknown", counters.unknown);
  show("error", counters.errors);
  breaker_open_.Set(tokens.breaker_open() ? 1 : 0);
}

std::string Metrics::text(const Sources& sources) {
  const std::lock_guard lock(text_mutex_);
  pool_in_use_.Set(static_cast<double>(sources.pool_in_use));
  pool_size_.Set(static_cast<double>(sources.pool_size));
  http_connections_.Set(static_cast<double>(sources.http_connections));
  raise_to(http_turned_away_, static_cast<double>(sources.http_turned_away));
  if (sources.tokens != nullptr) show_redis(*sources.tokens);
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace evently
