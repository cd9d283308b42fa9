#include "api/booking/cancellations.h"

#include <optional>
#include <utility>

#include "api/booking/halves.h"

namespace evently {

Cancellations::Cancellations(Database& database, Workers& workers, SeatHints& hints,
                             const Changes& changes, const CombinerLimits& limits)
    : database_(database),
      hints_(hints),
      changes_(changes),
      queue_(limits, workers,
             [this](std::int64_t event_id, const auto& batch) { process(event_id, batch.items); }) {
}

CancelResult Cancellations::cancel(std::int64_t booking_id) {
  // A booking never changes its event.
  const std::optional<Booking> booking =
      database_.run(OnLostConnection::run_once_more,
                    [&](Session& session) { return find_booking(session, booking_id); });
  if (!booking) return cancel_together({booking_id}).front();  // refuses in due form

  QueuedCancellation call(booking_id);
  queue_.run(booking->event_id, call);
  return std::move(call.result);
}

void Cancellations::process(std::int64_t event_id, const Calls& calls) {
  // A booking that was deleted meanwhile with its user fails its whole batch, and any number of
  // them may be: each call can come to stand alone, or live bookings would be called unknown.
  const std::size_t splits_max = calls.size() - 1;
  attempt_in_halves(calls, splits_max, [this](const Calls& part) {
    std::vector<std::int64_t> booking_ids;
    for (const QueuedCancellation* call : part) booking_ids.push_back(call->booking_id);
    std::vector<CancelResult> results = cancel_together(booking_ids);
    for (std::size_t i = 0; i < part.size(); ++i) part[i]->result = std::move(results.at(i));
  });
  // Also when nothing changed: an earlier attempt of these calls, its answer lost, may have done
  // it.
  changes_.tell(event_id, Change::seats_came_back);
}

// The same calls sent again after a lost connection find what the first ones did.
std::vector<CancelResult> Cancellations::cancel_together(
    const std::vector<std::int64_t>& booking_ids) {
  auto cancelled = database_.run(OnLostConnection::run_once_more, [&](Session& session) {
    return cancel_many(session, booking_ids);
  });
  // The connection is given back; before any client hears of it.
  if (cancelled.inventory) hints_.write_back(*cancelled.inventory, cancelled.origin);
  return std::move(cancelled.results);
}

}  // namespace evently
