#include "api/booking/booking_service.h"

#include <utility>

#include "extension/rules/errors.h"
#include "runtime/random_id.h"

namespace evently {
namespace {

constexpr std::size_t batch_max = 256;
constexpr std::size_t queue_max = 4096;  // of one event: what is served within the queue budget

CombinerLimits limits_per_event(std::chrono::milliseconds queue_budget) {
  return {batch_max, queue_max, queue_budget};
}

}  // namespace

BookingService::BookingService(Database& database, Workers& workers, SeatHints& hints,
                               const Changes& changes, BatchMetrics& metrics,
                               std::chrono::milliseconds queue_budget)
    : hints_(hints),
      metrics_(metrics),
      batches_(database, hints, changes, metrics),
      queue_(limits_per_event(queue_budget), workers,
             [this](std::int64_t event_id, const auto& batch) {
               metrics_.batch(batch.items.size(), batch.oldest_wait);
               batches_.process(event_id, batch.items, batch.pass_on);
             }),
      cancellations_(database, workers, hints, changes, limits_per_event(queue_budget)) {}

BookingResult BookingService::book(const BookingCall& call) {
  const bool key_is_ours = !call.idempotency_key;
  if (key_is_ours && hints_.rules_out(call.event_id, call.seats)) {
    metrics_.refused_from_memory();
    return {std::nullopt, false, &error_of(Refusal::not_enough_seats)};
  }
  QueuedBooking booking(call, key_is_ours ? "svc-" + time_ordered_id() : *call.idempotency_key);
  queue_.run(call.event_id, booking);
  return std::move(booking.result);
}

}  // namespace evently
