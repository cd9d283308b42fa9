#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "api/booking/batch_metrics.h"
#include "api/booking/changes.h"
#include "api/booking/seat_hints.h"
#include "api/database/database.h"
#include "api/database/queries.h"
#include "extension/rules/errors.h"

namespace evently {

// The business's answer to a booking call.
struct BookingAnswer {
  std::optional<BookedSeats> booking;
  bool replayed = false;                   // the client's key named a booking already
  const BusinessError* refusal = nullptr;  // set when there is no booking
};

// One call of a batch, and what became of it: an answer or a failure.
struct BookingItem {
  std::int64_t user_id;
  std::int64_t seats;
  std::string idempotency_key;
  bool key_is_ours;  // made here, where the client sent none

  BookingAnswer answer{};
  std::exception_ptr failure{};
  StatementIds statement_ids{};  // of the whole batch
};

// Decides the calls of one event together: tokens, database, tokens again, each asked once for all.
// Redis may be absent, slow or wrong: the database decides. Thread-safe.
class BookingBatches {
 public:
  using Items = std::vector<BookingItem*>;

  BookingBatches(Database& database, SeatHints& hints, const Changes& changes,
                 BatchMetrics& metrics)
      : database_(database), hints_(hints), changes_(changes), metrics_(metrics) {}

  void process(std::int64_t event_id, const Items& items);

 private:
  // What one batch has come to so far.
  struct Progress {
    StatementIds statement_ids;
    SeatReading hints;
    std::optional<Inventory> inventory;  // as the database said last
    std::size_t splits_left;
  };

  Items settle_by_tokens(std::int64_t event_id, const Items& items, Progress& progress);
  Items look_up(std::int64_t event_id, const Items& items, Progress& progress);
  void book(std::int64_t event_id, const Items& items, Progress& progress);

  Database& database_;
  SeatHints& hints_;
  const Changes& changes_;
  BatchMetrics& metrics_;
};

}  // namespace evently
