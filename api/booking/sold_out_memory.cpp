#include "api/booking/sold_out_memory.h"

#include <algorithm>

namespace evently {

ReadStamp SoldOutMemory::begin_reading(std::int64_t event_id) {
  Slot& slot = slots_[event_id];
  const std::lock_guard lock(slot.mutex);
  return {slot.times_forgotten, Clock::now()};
}

void SoldOutMemory::remember(std::int64_t event_id, ReadStamp stamp, std::int64_t seats_left,
                             std::chrono::milliseconds lifetime) {
  Slot& slot = slots_[event_id];
  const std::lock_guard lock(slot.mutex);
  if (slot.times_forgotten != stamp.times_forgotten) return;
  slot.event_id = event_id;
  slot.seats_left = seats_left;
  slot.until = stamp.at + std::min(lifetime, lifetime_max);
}

void SoldOutMemory::Slot::forget() {
  const std::lock_guard lock(mutex);
  ++times_forgotten;
  until = {};
}

void SoldOutMemory::forget(std::int64_t event_id) {
  slots_[event_id].forget();
}

void SoldOutMemory::forget_all() {
  for (Slot& slot : slots_) slot.forget();
}

bool SoldOutMemory::rules_out(std::int64_t event_id, std::int64_t seats) {
  Slot& slot = slots_[event_id];
  const std::lock_guard lock(slot.mutex);
  return slot.event_id == event_id && seats > slot.seats_left && Clock::now() < slot.until;
}

}  // namespace evently
