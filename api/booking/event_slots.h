#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace evently {

// A slot per event, shared by the events whose ids leave the same remainder: bounded memory for
// what is only a hint. As thread-safe as the slots are.
template <class Slot>
class EventSlots {
 public:
  Slot& operator[](std::int64_t event_id) { return slots_[index_of(event_id)]; }
  const Slot& operator[](std::int64_t event_id) const { return slots_[index_of(event_id)]; }

  auto begin() { return slots_.begin(); }
  auto end() { return slots_.end(); }

 private:
  static constexpr std::size_t count = 256;
  static std::size_t index_of(std::int64_t event_id) {
    return static_cast<std::uint64_t>(event_id) % count;
  }

  std::array<Slot, count> slots_{};
};

}  // namespace evently
