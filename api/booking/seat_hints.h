#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "api/booking/changes.h"
#include "api/booking/event_slots.h"
#include "api/booking/sold_out_memory.h"
#include "api/database/database.h"
#include "redis_bridge/tokens/client.h"

namespace evently {

// What the hints said when a batch began.
struct SeatReading {
  ReadStamp stamp;
  TokenAnswers tokens;
};

// What is known of seats outside the database: tokens in Redis and a short memory of sold-out
// events. Wrong hints cost a round trip, never a seat. Thread-safe.
class SeatHints : public ChangeListener {
 public:
  // tokens may be null: no Redis.
  SeatHints(TokenClient* tokens, Database& database, Workers& workers)
      : tokens_(tokens), database_(database), workers_(workers) {}

  // True when the event had fewer seats left a moment ago. Asks memory only.
  bool rules_out(std::int64_t event_id, std::int64_t seats) {
    return sold_out_.rules_out(event_id, seats);
  }

  // Takes tokens for the calls of a batch, in their order; without Redis all are unknown.
  SeatReading take(std::int64_t event_id, const std::vector<std::int64_t>& seats);

  // Writes to Redis what the database said, before any client hears it, and while no connection is
  // leased: Redis may take its time. Where Redis could not be told, the event's tokens are not
  // asked for a second: by then the bridge has told it, or its lease has run out.
  void write_back(const Inventory& inventory, const Origin& origin);

  // A call of the batch was refused for want of seats. `inventory` is what the database said of the
  // event since the reading, if it was asked.
  void remember_sold_out(std::int64_t event_id, const SeatReading& reading,
                         const std::optional<Inventory>& inventory);

  void changed(std::int64_t event_id, Change change) override;
  void many_changed() override { sold_out_.forget_all(); }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds distrust_time{1};
  void forget_tokens(std::int64_t event_id);
  bool trusts_tokens(std::int64_t event_id) const;
  void distrust_tokens(std::int64_t event_id);

  TokenClient* const tokens_;
  Database& database_;
  Workers& workers_;
  SoldOutMemory sold_out_;
  EventSlots<std::atomic<Clock::rep>> untrusted_until_;
};

}  // namespace evently
