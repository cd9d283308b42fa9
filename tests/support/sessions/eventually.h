#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>

namespace evently {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

inline Milliseconds since(Clock::time_point start) {
  return std::chrono::duration_cast<Milliseconds>(Clock::now() - start);
}

// Polls a condition until it holds or the deadline has passed: the only way these tests wait. What
// the condition says on each try is the message when it never held; empty means that it holds.
template <class Condition>
testing::AssertionResult eventually(Milliseconds deadline, const Condition& unmet) {
  constexpr Milliseconds poll{5};
  const auto start = Clock::now();
  while (true) {
    const std::string reason = unmet();
    if (reason.empty()) return testing::AssertionSuccess();
    if (since(start) >= deadline)
      return testing::AssertionFailure() << "not within " << deadline.count() << " ms: " << reason;
    std::this_thread::sleep_for(poll);
  }
}

// The same for a condition that is true or false.
template <class Condition>
testing::AssertionResult eventually_true(Milliseconds deadline, const std::string& what,
                                         const Condition& holds) {
  return eventually(deadline, [&] { return holds() ? std::string() : what; });
}

}  // namespace evently
