#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>

namespace evently {

// What /metrics shows of the batches in which bookings are made. Thread-safe.
class BatchMetrics {
 public:
  explicit BatchMetrics(prometheus::Registry& registry);

  void batch(std::size_t items, std::chrono::duration<double> oldest_wait);
  void splits(std::size_t count) { splits_.Increment(static_cast<double>(count)); }
  void refused_from_memory() { memory_refusals_.Increment(); }
  void show_queue(std::size_t calls) { queue_length_.Set(static_cast<double>(calls)); }

 private:
  prometheus::Histogram& items_;
  prometheus::Histogram& queue_age_;
  prometheus::Gauge& queue_length_;
  prometheus::Counter& splits_;
  prometheus::Counter& memory_refusals_;
};

}  // namespace evently
