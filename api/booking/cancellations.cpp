#include "api/booking/cancellations.h"

#include <optional>
#include <utility>

#include "api/database/database_error.h"

namespace evently {

Cancellations::Cancellations(Database& database, SeatHints& hints, const Changes& changes,
                             const CombinerLimits& limits)
    : database_(database),
      hints_(hints),
      changes_(changes),
      queue_(limits, [this](std::int64_t event_id, const Queue::Batch& batch) {
        process(event_id, batch.items);
      }) {}

CancelOutcome Cancellations::cancel(std::int64_t booking_id, StatementIds& statement_ids) {
  // A booking never changes its event.
  const std::optional<Booking> booking =
      database_.run(statement_ids, OnLostConnection::run_once_more,
                    [&](Session& session) { return find_booking(session, booking_id); });
  if (!booking) return cancel_together({booking_id}, statement_ids).front();  // refuses in due form

  Item item{booking_id};
  if (queue_.run(booking->event_id, item) != Queue::Outcome::processed) throw Busy();
  statement_ids.insert(statement_ids.end(), item.statement_ids.begin(), item.statement_ids.end());
  if (item.failure) std::rethrow_exception(item.failure);
  return std::move(item.outcome);
}

void Cancellations::process(std::int64_t event_id, const Items& items) {
  std::vector<std::int64_t> booking_ids;
  for (const Item* item : items) booking_ids.push_back(item->booking_id);
  StatementIds statement_ids;
  try {
    std::vector<CancelOutcome> outcomes = cancel_together(booking_ids, statement_ids);
    for (std::size_t i = 0; i < items.size(); ++i) items[i]->outcome = std::move(outcomes.at(i));
  } catch (const std::exception& error) {
    if (items.size() > 1 && is_about_the_call(error)) {
      cancel_each(items, statement_ids);
    } else {
      for (Item* item : items) item->failure = std::current_exception();
    }
  }
  for (Item* item : items) item->statement_ids = statement_ids;
  // Also when nothing changed: an earlier attempt of these calls, its answer lost, may have done
  // it.
  changes_.tell(event_id, Change::seats_came_back);
}

// The same calls sent again after a lost connection find what the first ones did.
std::vector<CancelOutcome> Cancellations::cancel_together(
    const std::vector<std::int64_t>& booking_ids, StatementIds& statement_ids) {
  CancelBatchOutcome outcome =
      database_.run(statement_ids, OnLostConnection::run_once_more,
                    [&](Session& session) { return cancel_many(session, booking_ids); });
  // The connection is given back; before any client hears of it.
  if (outcome.inventory) hints_.write_back(*outcome.inventory, outcome.origin);
  return std::move(outcome.items);
}

// One booking, deleted meanwhile with its user, fails the whole batch.
void Cancellations::cancel_each(const Items& items, StatementIds& statement_ids) {
  for (Item* item : items) {
    try {
      item->outcome = cancel_together({item->booking_id}, statement_ids).front();
    } catch (const std::exception&) {
      item->failure = std::current_exception();
    }
  }
}

}  // namespace evently
