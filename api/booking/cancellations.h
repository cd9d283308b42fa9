#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <vector>

#include "api/booking/changes.h"
#include "api/booking/seat_hints.h"
#include "api/database/database.h"
#include "api/database/queries.h"
#include "runtime/combiner.h"

namespace evently {

// Cancellations of one event gather while its batch before is under way, as bookings do: each would
// hold a database connection while it waits for the event, until none is left for other events.
// Thread-safe.
class Cancellations {
 public:
  Cancellations(Database& database, SeatHints& hints, const Changes& changes,
                const CombinerLimits& limits);

  // Throws what the database throws, and Busy when the event's queue is too long.
  CancelOutcome cancel(std::int64_t booking_id, StatementIds& statement_ids);

  // Calls that wait for the batch before theirs.
  std::size_t queued() const { return queue_.queued(); }

 private:
  struct Item {
    std::int64_t booking_id;
    CancelOutcome outcome{};
    std::exception_ptr failure{};
    StatementIds statement_ids{};  // of the whole batch
  };
  using Queue = Combiner<std::int64_t, Item>;
  using Items = std::vector<Item*>;

  void process(std::int64_t event_id, const Items& items);
  std::vector<CancelOutcome> cancel_together(const std::vector<std::int64_t>& booking_ids,
                                             StatementIds& statement_ids);
  void cancel_each(const Items& items, StatementIds& statement_ids);

  Database& database_;
  SeatHints& hints_;
  const Changes& changes_;
  Queue queue_;
};

}  // namespace evently
