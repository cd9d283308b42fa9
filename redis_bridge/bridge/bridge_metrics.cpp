#include "redis_bridge/bridge/bridge_metrics.h"

#include <prometheus/text_serializer.h>

namespace evently {
namespace {

double seconds_of(BridgeMetrics::Clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

prometheus::Counter& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

prometheus::Gauge& connected(prometheus::Registry& registry, const char* side) {
  return prometheus::BuildGauge()
      .Name("evently_bridge_connected")
      .Help("1 while the connection to this side stands.")
      .Register(registry)
      .Add({{"side", side}});
}

}  // namespace

BridgeMetrics::BridgeMetrics()
    : notifications_(counter(registry_, "evently_bridge_notifications_total",
                             "Notifications received from PostgreSQL.")),
      resyncs_(counter(registry_, "evently_bridge_resyncs_total",
                       "Times that all events were read and applied.")),
      applied_(counter(registry_, "evently_bridge_events_applied_total",
                       "Events read from PostgreSQL and applied to Redis, changed or not.")),
      apply_seconds_(
          prometheus::BuildHistogram()
              .Name("evently_bridge_apply_seconds")
              .Help("From the receipt of an event's notification until it is applied.")
              .Register(registry_)
              .Add({}, prometheus::Histogram::BucketBoundaries{0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                               0.5, 1, 2.5, 5, 10})),
      lag_seconds_(gauge(registry_, "evently_bridge_lag_seconds",
                         "Age of the oldest notification that is not applied yet.")),
      lease_age_seconds_(gauge(registry_, "evently_bridge_lease_age_seconds",
                               "Since the lease was renewed last, or since the start.")),
      postgresql_(connected(registry_, "postgresql")),
      redis_(connected(registry_, "redis")),
      lease_renewed_at_(Clock::now()) {}

void BridgeMetrics::applied_after(Clock::duration lag) {
  apply_seconds_.Observe(seconds_of(lag));
}

void BridgeMetrics::oldest_unapplied(std::optional<Clock::time_point> received_at) {
  oldest_unapplied_at_ = received_at.value_or(Clock::time_point::max());
}

std::string BridgeMetrics::text(Clock::time_point now) {
  const Clock::time_point oldest = oldest_unapplied_at_;
  lag_seconds_.Set(oldest < now ? seconds_of(now - oldest) : 0);
  lease_age_seconds_.Set(seconds_of(now - lease_renewed_at_.load()));
  return prometheus::TextSerializer().Serialize(registry_.Collect());
}

}  // namespace evently
