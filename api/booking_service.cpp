#include "api/booking_service.h"

#include "api/problem.h"
#include "api/random_id.h"

namespace evently {
namespace {

constexpr std::size_t batch_max = 256;
constexpr std::size_t queue_max = 1024;  // more than there are threads to serve requests

}  // namespace

BookingService::BookingService(Database& database, SeatKnowledge& seats, BatchMetrics& metrics,
                               std::chrono::milliseconds queue_budget)
    : database_(database),
      seats_(seats),
      metrics_(metrics),
      batches_(database, seats, metrics),
      queue_({batch_max, queue_max, queue_budget},
             [this](std::int64_t event_id, const Queue::Batch& batch) {
               metrics_.batch(batch.items.size(), batch.oldest_wait);
               batches_.process(event_id, batch.items);
             }) {}

BookingAnswer BookingService::book(const BookingCall& call, StatementIds& statement_ids) {
  const bool key_is_ours = !call.idempotency_key;
  if (key_is_ours && seats_.sold_out().rules_out(call.event_id, call.seats)) {
    metrics_.refused_from_memory();
    return {std::nullopt, false, &error_of(Refusal::not_enough_seats)};
  }
  BookingItem item{call.user_id, call.seats,
                   key_is_ours ? "svc-" + time_ordered_id() : *call.idempotency_key,
                   key_is_ours};
  if (queue_.run(call.event_id, item) != Queue::Outcome::processed) throw Refused(busy());
  statement_ids = std::move(item.statement_ids);
  if (item.failure) std::rethrow_exception(item.failure);
  return std::move(item.answer);
}

CancelOutcome BookingService::cancel(std::int64_t booking_id, StatementIds& statement_ids) {
  const CancelOutcome outcome =
      database_.run(statement_ids, OnLostConnection::run_once_more, [&](Session& session) {
        CancelOutcome cancelled = evently::cancel(session, booking_id);
        if (cancelled.inventory) seats_.write_back(session, *cancelled.inventory);
        return cancelled;
      });
  // Also when nothing changed: an earlier attempt of this call, its answer lost, may have done it.
  seats_.seats_came_back(outcome.event_id);
  return outcome;
}

}  // namespace evently
