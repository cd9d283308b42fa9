#include "api/access/quota.h"

#include <algorithm>

namespace evently {
namespace {

std::int64_t whole_seconds(std::int64_t us) {
  constexpr std::int64_t us_per_s = 1'000'000;
  return std::max<std::int64_t>(1, (us + us_per_s - 1) / us_per_s);
}

}  // namespace

std::string Quota::policy_field() const {
  return '"' + std::string(policy) + "\";q=" + std::to_string(limit.burst) +
         ";w=" + std::to_string(whole_seconds(limit.room_us()));
}

std::string Quota::limit_field() const {
  return '"' + std::string(policy) + "\";r=" + std::to_string(answer.left) +
         ";t=" + std::to_string(window_s());
}

std::int64_t Quota::window_s() const {
  return whole_seconds(exceeded() ? answer.wait.count() : answer.left * limit.interval_us);
}

}  // namespace evently
