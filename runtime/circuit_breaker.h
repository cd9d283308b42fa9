#pragma once

#include <chrono>
#include <mutex>

namespace evently {

// After some failures in a row nothing is tried for a while; then one probe a while is let through
// until one succeeds. Callers pass the clock in. Thread-safe.
class CircuitBreaker {
 public:
  using Clock = std::chrono::steady_clock;

  explicit CircuitBreaker(int failures_to_open = 3,
                          std::chrono::milliseconds open_for = std::chrono::milliseconds(1000))
      : failures_to_open_(failures_to_open), open_for_(open_for) {}

  bool allow(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    if (failures_ < failures_to_open_) return true;
    if (now < refuse_until_) return false;
    refuse_until_ = now + open_for_;  // this caller is the probe; the next may come a while later
    return true;
  }

  // True when this success ended an outage.
  bool success() {
    const std::lock_guard lock(mutex_);
    const bool was_open = failures_ >= failures_to_open_;
    failures_ = 0;
    return was_open;
  }

  // True when this failure began an outage.
  bool failure(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    const bool was_open = failures_ >= failures_to_open_;
    if (!was_open) ++failures_;
    if (failures_ >= failures_to_open_) refuse_until_ = now + open_for_;
    return !was_open && failures_ >= failures_to_open_;
  }

  bool open() const {
    const std::lock_guard lock(mutex_);
    return failures_ >= failures_to_open_;
  }

 private:
  const int failures_to_open_;
  const std::chrono::milliseconds open_for_;
  mutable std::mutex mutex_;  // guards what follows
  int failures_ = 0;
  Clock::time_point refuse_until_{};
};

}  // namespace evently
