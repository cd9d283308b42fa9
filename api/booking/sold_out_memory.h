#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "api/booking/event_slots.h"

namespace evently {

// When a reading of an event's seats began, and after how many changes.
struct ReadStamp {
  std::uint64_t times_forgotten;
  std::chrono::steady_clock::time_point at;
};

// Remembers for a moment how few seats an event had left when a call was refused, so that calls for
// more in that moment cost no round trip. Of events that share a slot the later one displaces the
// earlier. Thread-safe.
class SoldOutMemory {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds lifetime_max{100};

  // Call it before the event's seats are read, and give the stamp to remember() with what was read.
  ReadStamp begin_reading(std::int64_t event_id);

  // Nothing is remembered when seats came back since the stamp was taken. What was read lives from
  // then on: a batch may take seconds before it ends.
  void remember(std::int64_t event_id, ReadStamp stamp, std::int64_t seats_left,
                std::chrono::milliseconds lifetime = lifetime_max);

  // Seats may have come back.
  void forget(std::int64_t event_id);
  void forget_all();

  // True when the event had fewer seats left a moment ago.
  bool rules_out(std::int64_t event_id, std::int64_t seats);

 private:
  struct Slot {
    std::mutex mutex;  // guards the rest
    std::int64_t event_id = 0;
    std::int64_t seats_left = 0;
    Clock::time_point until{};
    std::uint64_t times_forgotten = 0;

    void forget();
  };

  EventSlots<Slot> slots_;
};

}  // namespace evently
