#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "api/booking/booking_batches.h"
#include "api/booking/cancellations.h"
#include "runtime/combiner.h"

namespace evently {

struct BookingCall {
  std::int64_t user_id = 0;
  std::int64_t event_id = 0;
  std::int64_t seats = 1;
  std::optional<std::string> idempotency_key;  // the client's own
};

// The one way of a booking, and of its cancellation, through the house: calls for one event gather
// while its batch before is under way, and are decided together. Thread-safe.
class BookingService {
 public:
  BookingService(Database& database, SeatHints& hints, const Changes& changes,
                 BatchMetrics& metrics, std::chrono::milliseconds queue_budget);

  // Throws what the database throws, and Busy when the event's queue is too long.
  BookingAnswer book(const BookingCall& call, StatementIds& statement_ids);
  CancelOutcome cancel(std::int64_t booking_id, StatementIds& statement_ids) {
    return cancellations_.cancel(booking_id, statement_ids);
  }

  // Calls that wait for the batch before theirs.
  std::size_t queued() const { return queue_.queued() + cancellations_.queued(); }

 private:
  using Queue = Combiner<std::int64_t, BookingItem>;

  SeatHints& hints_;
  BatchMetrics& metrics_;
  BookingBatches batches_;
  Queue queue_;
  Cancellations cancellations_;
};

}  // namespace evently
