#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace evently {

// Of the server's clients.
struct ConnectionCounts {
  std::atomic<std::size_t> open{0};
  std::atomic<std::uint64_t> turned_away{0};  // there were too many
};

}  // namespace evently
