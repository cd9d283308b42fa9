#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace evently {

// How often something may be asked for: `burst` calls at once, one more after each interval.
struct RateLimit {
  std::int64_t burst;
  std::int64_t interval_us;

  static RateLimit per_second(int calls, int burst) { return {burst, 1'000'000 / calls}; }
  static RateLimit per_minute(int calls) { return {calls, 60'000'000 / calls}; }

  std::int64_t room_us() const { return burst * interval_us; }
};

struct RateAnswer {
  bool allowed;
  std::int64_t left;               // calls that would be allowed right now
  std::chrono::microseconds wait;  // until one is; zero when this one was allowed
};

// A token bucket, of which only the time is kept at which it will be full again. Counts one call at
// `now_us`, or says how long to wait. Any clock will do, also one that is set back.
inline RateAnswer count_call(const RateLimit& limit, std::int64_t now_us,
                             std::int64_t& full_at_us) {
  const std::int64_t full_at =
      std::clamp(full_at_us, now_us, now_us + limit.room_us()) + limit.interval_us;
  const std::int64_t spare_us = now_us + limit.room_us() - full_at;
  if (spare_us < 0) return {false, 0, std::chrono::microseconds(-spare_us)};
  full_at_us = full_at;
  return {true, spare_us / limit.interval_us, {}};
}

}  // namespace evently
