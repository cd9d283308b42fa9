#include "redis_bridge/limits/shared_buckets.h"

#include <hiredis/hiredis.h>

#include <utility>

namespace evently {
namespace {

constexpr const char* key_prefix = "evently:bucket:";

// take_token() in Redis and on its clock, so that the clocks of several services do not matter.
// KEYS bucket; ARGV burst, interval in us. Replies 1 (taken) or 0, the tokens left, us to wait. The
// key holds when the bucket is full again, and ends then.
constexpr const char* take_from_bucket_script = R"lua(
local burst, interval = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local room = burst * interval
local full_at = now
local stored = redis.pcall('GET', KEYS[1])
if type(stored) == 'string' and string.find(stored, '^%d+$') then
  full_at = math.max(now, math.min(tonumber(stored), now + room))
end
full_at = full_at + interval
local spare = now + room - full_at
if spare < 0 then return {0, 0, -spare} end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX',
           math.ceil((full_at - now) / 1000))
return {1, math.floor(spare / interval), 0}
)lua";

}  // namespace

SharedBuckets::SharedBuckets(RedisUrl url, std::size_t pool_size, std::chrono::milliseconds timeout)
    : redis_(std::move(url), pool_size, timeout,
             "redis is out, each service limits requests for itself", errors_) {}

std::optional<BucketAnswer> SharedBuckets::take(const std::string& bucket,
                                                const BucketSize& size) noexcept {
  std::optional<BucketAnswer> answer;
  redis_.run([&](RedisConnection& connection) {
    static const RedisScript script(take_from_bucket_script);
    const auto reply =
        connection.evaluate(script, {key_prefix + bucket},
                            {std::to_string(size.burst), std::to_string(size.interval_us)});
    if (reply->elements != 3) return;
    answer = BucketAnswer{reply->element[0]->integer == 1, reply->element[1]->integer,
                          std::chrono::microseconds(reply->element[2]->integer)};
  });
  return answer;
}

}  // namespace evently
