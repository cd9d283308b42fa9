#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "api/booking/event_slots.h"

namespace evently {

// Remembers for a moment how few seats an event had left when somebody was refused, so that those
// who ask for more in that moment cost no round trip. Of events that share a place the later one
// displaces the earlier. Thread-safe.
class SoldOutMemory {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds lifetime_max{100};

  // To be taken before the event's seats are read, and given to remember() with what was read.
  struct Ticket {
    std::uint64_t forgotten;
    Clock::time_point at;
  };
  Ticket begin_reading(std::int64_t event_id);

  // Nothing is remembered when seats came back since the ticket was taken. What was read lives from
  // then on: a batch may take seconds before it ends.
  void remember(std::int64_t event_id, Ticket ticket, std::int64_t seats_left,
                std::chrono::milliseconds lifetime = lifetime_max);

  // Seats may have come back.
  void forget(std::int64_t event_id);
  void forget_all();

  // True when the event had fewer seats left a moment ago.
  bool rules_out(std::int64_t event_id, std::int64_t seats);

 private:
  struct Place {
    std::mutex mutex;  // guards the rest
    std::int64_t event_id = 0;
    std::int64_t seats_left = 0;
    Clock::time_point until{};
    std::uint64_t forgotten = 0;  // how often

    void forget();
  };

  EventPlaces<Place> places_;
};

}  // namespace evently
