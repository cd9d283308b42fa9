#include "api/booking/sold_out_memory.h"

#include <algorithm>

namespace evently {

SoldOutMemory::Ticket SoldOutMemory::begin_reading(std::int64_t event_id) {
  Place& place = places_[event_id];
  const std::lock_guard lock(place.mutex);
  return {place.forgotten, Clock::now()};
}

void SoldOutMemory::remember(std::int64_t event_id, Ticket ticket, std::int64_t seats_left,
                             std::chrono::milliseconds lifetime) {
  Place& place = places_[event_id];
  const std::lock_guard lock(place.mutex);
  if (place.forgotten != ticket.forgotten) return;
  place.event_id = event_id;
  place.seats_left = seats_left;
  place.until = ticket.at + std::min(lifetime, lifetime_max);
}

void SoldOutMemory::Place::forget() {
  const std::lock_guard lock(mutex);
  ++forgotten;
  until = {};
}

void SoldOutMemory::forget(std::int64_t event_id) {
  places_[event_id].forget();
}

void SoldOutMemory::forget_all() {
  for (Place& place : places_) place.forget();
}

bool SoldOutMemory::rules_out(std::int64_t event_id, std::int64_t seats) {
  Place& place = places_[event_id];
  const std::lock_guard lock(place.mutex);
  return place.event_id == event_id && seats > place.seats_left && Clock::now() < place.until;
}

}  // namespace evently
