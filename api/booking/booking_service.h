#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "api/booking/booking_batches.h"
#include "api/booking/cancellations.h"
#include "api/database/batch_queue.h"

namespace evently {

// The one way of a booking, and of its cancellation: calls for one event gather while its batch
// before is under way, and are decided together. Thread-safe.
class BookingService {
 public:
  BookingService(Database& database, Workers& workers, SeatHints& hints, const Changes& changes,
                 BatchMetrics& metrics, std::chrono::milliseconds queue_budget);

  // Throws what the database throws, and Busy when the event's queue is too long.
  BookingResult book(const BookingCall& call);
  CancelResult cancel(std::int64_t booking_id) { return cancellations_.cancel(booking_id); }

  // Calls that wait for the batch before theirs.
  std::size_t queued() const { return queue_.queued() + cancellations_.queued(); }

 private:
  SeatHints& hints_;
  BatchMetrics& metrics_;
  BookingBatches batches_;
  BatchQueue<std::int64_t, QueuedBooking> queue_;
  Cancellations cancellations_;
};

}  // namespace evently
