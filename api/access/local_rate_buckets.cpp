#include "api/access/local_rate_buckets.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace evently {

std::int64_t LocalRateBuckets::now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

LocalRateBuckets::Set& LocalRateBuckets::set_of(const IpAddress& owner) {
  const std::string_view bytes(reinterpret_cast<const char*>(owner.data()), owner.size());
  return sets_[std::hash<std::string_view>()(bytes) % sets_.size()];
}

LocalRateBuckets::Bucket& LocalRateBuckets::Set::bucket_of(const IpAddress& owner) {
  const auto own = std::find_if(buckets.begin(), buckets.end(),
                                [&](const Bucket& bucket) { return bucket.owner == owner; });
  if (own != buckets.end()) return *own;
  Bucket& displaced = *std::min_element(
      buckets.begin(), buckets.end(),
      [](const Bucket& a, const Bucket& b) { return a.full_at_us < b.full_at_us; });
  displaced = {owner, 0};
  return displaced;
}

RateAnswer LocalRateBuckets::take(const IpAddress& owner, std::int64_t now_us) {
  Set& set = set_of(owner);
  const std::lock_guard lock(set.mutex);
  return count_call(limit_, now_us, set.bucket_of(owner).full_at_us);
}

RateAnswer LocalRateBuckets::peek(const IpAddress& owner, std::int64_t now_us) {
  Set& set = set_of(owner);
  const std::lock_guard lock(set.mutex);
  std::int64_t full_at_us = 0;
  for (const Bucket& bucket : set.buckets) {
    if (bucket.owner == owner) full_at_us = bucket.full_at_us;
  }
  return count_call(limit_, now_us, full_at_us);
}

void LocalRateBuckets::empty(const IpAddress& owner, std::chrono::microseconds wait,
                             std::int64_t now_us) {
  Set& set = set_of(owner);
  const std::lock_guard lock(set.mutex);
  set.bucket_of(owner).full_at_us = now_us + limit_.room_us() - limit_.interval_us + wait.count();
}

}  // namespace evently
