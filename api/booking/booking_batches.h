#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/booking/batch_metrics.h"
#include "api/booking/changes.h"
#include "api/booking/seat_hints.h"
#include "api/database/batch_queue.h"
#include "api/database/bookings.h"
#include "api/database/database.h"

namespace evently {

// What a client asks for.
struct BookingCall {
  std::int64_t user_id = 0;
  std::int64_t event_id = 0;
  std::int64_t seats = 1;
  std::optional<std::string> idempotency_key;  // the client's own
};

// A booking call in the queue of its event.
struct QueuedBooking : QueuedCall {
  QueuedBooking(const BookingCall& its_call, std::string its_key)
      : call(its_call), idempotency_key(std::move(its_key)) {}

  bool key_is_ours() const { return !call.idempotency_key; }

  const BookingCall& call;
  const std::string idempotency_key;  // the client's, or one made here
  BookingResult result{};
};

// Decides the calls of one event together: tokens, database, tokens again, each asked once for all.
// Redis may be absent, slow or wrong: the database decides. Thread-safe.
class BookingBatches {
 public:
  using Calls = std::vector<QueuedBooking*>;

  BookingBatches(Database& database, SeatHints& hints, const Changes& changes,
                 BatchMetrics& metrics)
      : database_(database), hints_(hints), changes_(changes), metrics_(metrics) {}

  // Passes on as soon as the database has answered: tokens may be written back beside the next
  // batch, since Redis keeps the newest version.
  void process(std::int64_t event_id, const Calls& calls, const std::function<void()>& pass_on);

 private:
  Calls settle_by_tokens(std::int64_t event_id, const Calls& calls, const TokenAnswers& tokens);
  Calls look_up(std::int64_t event_id, const Calls& calls);
  std::optional<Inventory> book(std::int64_t event_id, const Calls& calls,
                                const std::function<void()>& pass_on);

  Database& database_;
  SeatHints& hints_;
  const Changes& changes_;
  BatchMetrics& metrics_;
};

}  // namespace evently
