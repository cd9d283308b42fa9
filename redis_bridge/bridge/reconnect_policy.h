#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "runtime/backoff.h"

namespace evently {

// When to try a lost connection again, and whether its failure is worth a line in the log: an
// outage of a day should not fill a disk.
class ReconnectPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ReconnectPolicy(std::uint32_t seed) : backoff_(initial_ms, max_ms, seed) {}

  Clock::time_point retry_at() const { return retry_at_; }

  // True when the failure should be logged: it is new, or the last line about it is old.
  bool failed(const std::string& why, Clock::time_point now) {
    retry_at_ = now + std::chrono::milliseconds(backoff_.next_ms());
    if (why == last_failure_ && now < logged_at_ + log_interval) return false;
    last_failure_ = why;
    logged_at_ = now;
    return true;
  }

  // Called once the connection has proved to be of use, not only to open.
  void proved() {
    backoff_.reset();
    last_failure_.clear();
  }

 private:
  static constexpr int initial_ms = 50;
  static constexpr int max_ms = 400;  // tokens are to be right a second after the database is back
  static constexpr std::chrono::seconds log_interval{10};

  Backoff backoff_;
  Clock::time_point retry_at_{};
  Clock::time_point logged_at_{};
  std::string last_failure_;
};

}  // namespace evently
