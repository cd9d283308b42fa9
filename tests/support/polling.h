#pragma once

#include <chrono>
#include <thread>

namespace evently {

// Whether it becomes true within the limit. For what takes its time elsewhere and sends no word.
template <class Condition>
bool eventually(const Condition& condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace evently
