#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace evently {

// A place for each event, shared with the events of the same remainder: bounded memory for what is
// only a hint. As thread-safe as the places are.
template <class Place>
class EventPlaces {
 public:
  Place& operator[](std::int64_t event_id) { return places_[index_of(event_id)]; }
  const Place& operator[](std::int64_t event_id) const { return places_[index_of(event_id)]; }

  auto begin() { return places_.begin(); }
  auto end() { return places_.end(); }

 private:
  static constexpr std::size_t count = 256;
  static std::size_t index_of(std::int64_t event_id) {
    return static_cast<std::uint64_t>(event_id) % count;
  }

  std::array<Place, count> places_{};
};

}  // namespace evently
