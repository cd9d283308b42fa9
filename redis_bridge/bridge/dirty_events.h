#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace evently {

// The events that must be read from the database and applied to Redis: gathered first, so that an
// event that is booked a hundred times is read once. Bounded: beyond that all are read.
class DirtyEvents {
 public:
  using Clock = std::chrono::steady_clock;
  // When the event's oldest notification came; none for an event that is only suspected.
  using Events = std::unordered_map<std::int64_t, std::optional<Clock::time_point>>;

  explicit DirtyEvents(std::size_t events_max = 100'000) : events_max_(events_max) {}

  void notified(std::int64_t event_id, Clock::time_point now);
  void suspected(std::int64_t event_id, Clock::time_point now);
  void request_resync(Clock::time_point now);

  bool empty() const { return events_.empty() && !resync_requested(); }
  bool resync_requested() const { return resync_since_.has_value(); }

  // When the oldest notification or request came that take() has not handed out yet.
  std::optional<Clock::time_point> oldest() const { return oldest_; }

  // Hands out all events and forgets them, and the request for a resync with them.
  Events take();

 private:
  void note(std::int64_t event_id, std::optional<Clock::time_point> since, Clock::time_point now);

  std::size_t events_max_;
  Events events_;
  std::optional<Clock::time_point> resync_since_;
  std::optional<Clock::time_point> oldest_;
};

}  // namespace evently
