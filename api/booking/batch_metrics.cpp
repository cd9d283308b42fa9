#include "api/booking/batch_metrics.h"

namespace evently {
namespace {

const prometheus::Histogram::BucketBoundaries items_buckets = {1, 2, 4, 8, 16, 32, 64, 128, 256};
const prometheus::Histogram::BucketBoundaries seconds_buckets = {
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5};

}  // namespace

BatchMetrics::BatchMetrics(prometheus::Registry& registry)
    : items_(prometheus::BuildHistogram()
                 .Name("evently_batch_items")
                 .Help("Booking calls that were decided together.")
                 .Register(registry)
                 .Add({}, items_buckets)),
      queue_age_(prometheus::BuildHistogram()
                     .Name("evently_queue_age_seconds")
                     .Help("How long the first call of a batch had waited when the batch began.")
                     .Register(registry)
                     .Add({}, seconds_buckets)),
      queue_length_(prometheus::BuildGauge()
                        .Name("evently_queue_length")
                        .Help("Booking calls that wait for the batch before theirs.")
                        .Register(registry)
                        .Add({})),
      splits_(prometheus::BuildCounter()
                  .Name("evently_batch_splits_total")
                  .Help("Batches that failed and were tried again in halves.")
                  .Register(registry)
                  .Add({})),
      memory_refusals_(prometheus::BuildCounter()
                           .Name("evently_sold_out_memory_refusals_total")
                           .Help("Booking calls refused at once, their event just seen sold out.")
                           .Register(registry)
                           .Add({})) {}

void BatchMetrics::batch(std::size_t items, std::chrono::duration<double> oldest_wait) {
  items_.Observe(static_cast<double>(items));
  queue_age_.Observe(oldest_wait.count());
}

}  // namespace evently
