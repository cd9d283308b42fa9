#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/access/rate_metrics.h"
#include "api/booking/batch_metrics.h"
#include "api/http/router.h"

namespace evently {

class TokenClient;

// What /metrics shows. Labels take values from fixed sets only: a route is named by its template,
// never by the path that came. Thread-safe.
class Metrics {
 public:
  // Redis answers and pool are read when /metrics is asked for; tokens may be null.
  struct Sources {
    std::size_t pool_in_use;
    std::size_t pool_size;
    std::size_t http_connections;
    std::uint64_t http_turned_away;
    const TokenClient* tokens;
  };

  explicit Metrics(const std::vector<Router::Template>& routes);

  // route: position in the table; nothing when none matched.
  void request(std::optional<std::size_t> route, const std::string& method, int status,
               double seconds);
  void booking(const std::string& outcome);
  void cancellation(const std::string& outcome);
  void retry() { retries_.Increment(); }
  BatchMetrics& batches() { return batches_; }
  RateMetrics& rates() { return rates_; }

  // In Prometheus' text format.
  std::string text(const Sources& sources);

 private:
  static constexpr std::size_t statuses = 600;

  // The children that most requests need, looked up once.
  struct RouteMetrics {
    Router::Template route;
    prometheus::Histogram* duration;
    std::array<std::atomic<prometheus::Counter*>, statuses> by_status{};
  };

  RouteMetrics& metrics_of(std::optional<std::size_t> route);
  void show_redis(const TokenClient& tokens);

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Counter>& bookings_;
  prometheus::Family<prometheus::Counter>& cancellations_;
  prometheus::Family<prometheus::Counter>& redis_answers_;
  BatchMetrics batches_{registry_};
  RateMetrics rates_{registry_};
  prometheus::Counter& retries_;
  prometheus::Gauge& pool_in_use_;
  prometheus::Gauge& pool_size_;
  prometheus::Gauge& breaker_open_;
  prometheus::Gauge& http_connections_;
  prometheus::Counter& http_turned_away_;
  prometheus::Counter& booked_;  // the outcome of the hot path
  prometheus::Counter& sold_out_;
  std::vector<std::unique_ptr<RouteMetrics>> routes_;  // the last one stands for no route
  std::mutex text_mutex_;  // one reader at a time brings the counters of others up to date
};

}  // namespace evently
