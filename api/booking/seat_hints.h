#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <vector>

#include "api/booking/event_slots.h"
#include "api/booking/sold_out_memory.h"
#include "api/database/database.h"
#include "api/rendering/event_cache.h"
#include "redis_bridge/tokens/client.h"

namespace evently {

// What is known of seats outside the database: tokens in Redis, a short memory of sold-out events,
// cached answers. All of it hints, and all of it told here what changed. Thread-safe.
class SeatKnowledge {
 public:
  // tokens may be null: no Redis.
  SeatKnowledge(TokenClient* tokens, Database& database, EventCache& events)
      : tokens_(tokens), database_(database), events_(events) {}

  // Tokens for the items of a batch; without Redis all are unknown.
  TokenAnswers take_tokens(std::int64_t event_id, const std::vector<std::int64_t>& seats);

  SoldOutMemory& sold_out() { return sold_out_; }

  // Writes to Redis what the database said, before any client hears it, and while no connection is
  // leased: Redis may take its time. Where Redis could not be told, the event's tokens are not
  // asked for a second: by then the bridge has told it, or its lease has run out.
  void write_back(const Inventory& inventory, const Origin& origin);

  void seats_sold(std::int64_t event_id) { events_.seats_changed(event_id); }
  // Call it after the write-back: from then on nobody may remember the event as sold out.
  void seats_came_back(std::int64_t event_id);
  // The tokens of the event are unknown until the bridge has read it again.
  void event_changed(std::int64_t event_id);
  // Events were made, or seats came back to events that only the database knows.
  void events_changed();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds distrust_time{1};
  bool trusts_tokens(std::int64_t event_id) const;
  void distrust_tokens(std::int64_t event_id);
  void forget_tokens(std::int64_t event_id);

  TokenClient* const tokens_;
  Database& database_;
  EventCache& events_;
  SoldOutMemory sold_out_;
  EventPlaces<std::atomic<Clock::rep>> untrusted_until_;
};

}  // namespace evently
