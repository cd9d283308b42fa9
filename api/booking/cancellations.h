#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "api/booking/changes.h"
#include "api/booking/seat_hints.h"
#include "api/database/batch_queue.h"
#include "api/database/bookings.h"
#include "api/database/database.h"

namespace evently {

// Cancellations of one event gather while its batch before is under way, as bookings do: each would
// hold a database connection while it waits for the event, until none is left for other events.
// Thread-safe.
class Cancellations {
 public:
  Cancellations(Database& database, Workers& workers, SeatHints& hints, const Changes& changes,
                const CombinerLimits& limits);

  // Throws what the database throws, and Busy when the event's queue is too long.
  CancelResult cancel(std::int64_t booking_id);

  // Calls that wait for the batch before theirs.
  std::size_t queued() const { return queue_.queued(); }

 private:
  struct QueuedCancellation : QueuedCall {
    explicit QueuedCancellation(std::int64_t its_booking_id) : booking_id(its_booking_id) {}
    const std::int64_t booking_id;
    CancelResult result{};
  };
  using Calls = std::vector<QueuedCancellation*>;

  void process(std::int64_t event_id, const Calls& calls);
  std::vector<CancelResult> cancel_together(const std::vector<std::int64_t>& booking_ids);

  Database& database_;
  SeatHints& hints_;
  const Changes& changes_;
  BatchQueue<std::int64_t, QueuedCancellation> queue_;
};

}  // namespace evently
