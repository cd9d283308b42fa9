#include "redis_bridge/bridge/dirty_events.h"

#include <utility>

namespace evently {

void DirtyEvents::notified(std::int64_t event_id, Clock::time_point now) {
  if (!oldest_) oldest_ = now;
  note(event_id, now, now);
}

void DirtyEvents::suspected(std::int64_t event_id, Clock::time_point now) {
  note(event_id, std::nullopt, now);
}

void DirtyEvents::request_resync(Clock::time_point now) {
  if (!oldest_) oldest_ = now;
  if (!resync_since_) resync_since_ = now;
}

DirtyEvents::Events DirtyEvents::take() {
  resync_since_.reset();
  oldest_.reset();
  return std::exchange(events_, {});
}

void DirtyEvents::note(std::int64_t event_id, std::optional<Clock::time_point> since,
                       Clock::time_point now) {
  const auto known = events_.find(event_id);
  if (known != events_.end()) {
    if (!known->second) known->second = since;
  } else if (events_.size() < events_max_) {
    events_.emplace(event_id, since);
  } else {
    request_resync(now);
  }
}

}  // namespace evently
