#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace evently {

// What the bridge counts. Written by its one thread, read by the metrics server's.
class BridgeMetrics {
 public:
  using Clock = std::chrono::steady_clock;

  BridgeMetrics();

  void notifications_received(std::size_t count) {
    notifications_.Increment(static_cast<double>(count));
  }
  void resynced() { resyncs_.Increment(); }
  void events_applied(std::size_t count) { applied_.Increment(static_cast<double>(count)); }
  void applied_after(Clock::duration lag);
  void lease_renewed(Clock::time_point now) { lease_renewed_at_ = now; }
  void oldest_unapplied(std::optional<Clock::time_point> received_at);
  void postgresql_connected(bool yes) { postgresql_.Set(yes ? 1 : 0); }
  void redis_connected(bool yes) { redis_.Set(yes ? 1 : 0); }

  // In the text format of Prometheus.
  std::string text(Clock::time_point now);

 private:
  prometheus::Registry registry_;
  prometheus::Counter& notifications_;
  prometheus::Counter& resyncs_;
  prometheus::Counter& applied_;
  prometheus::Histogram& apply_seconds_;
  prometheus::Gauge& lag_seconds_;
  prometheus::Gauge& lease_age_seconds_;
  prometheus::Gauge& postgresql_;
  prometheus::Gauge& redis_;
  std::atomic<Clock::time_point> lease_renewed_at_;
  std::atomic<Clock::time_point> oldest_unapplied_at_{Clock::time_point::max()};  // max: none
};

}  // namespace evently
