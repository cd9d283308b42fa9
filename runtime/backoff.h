#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

namespace evently {

// Capped exponential waiting with full jitter: each wait is random between 1 ms and a ceiling that
// doubles, so that many clients of one restarted server do not return in step.
class Backoff {
 public:
  Backoff(int initial_ms, int max_ms, std::uint32_t seed)
      : initial_ms_(std::max(initial_ms, 1)),
        max_ms_(std::max(max_ms, initial_ms_)),
        ceiling_ms_(initial_ms_),
        random_(seed) {}

  int next_ms() {
    const int wait_ms = std::uniform_int_distribution<int>(1, ceiling_ms_)(random_);
    ceiling_ms_ = ceiling_ms_ > max_ms_ / 2 ? max_ms_ : ceiling_ms_ * 2;
    return wait_ms;
  }

  void reset() { ceiling_ms_ = initial_ms_; }

 private:
  int initial_ms_;
  int max_ms_;
  int ceiling_ms_;
  std::mt19937 random_;
};

}  // namespace evently
