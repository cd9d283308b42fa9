#include "redis_bridge/limits/shared_rate_buckets.h"

#include <hiredis/hiredis.h>

#include <utility>

#include "redis_bridge/redis/guarded.h"

namespace evently {
namespace {

constexpr const char* key_prefix = "evently:bucket:";

// count_call() in Redis and on its clock, so that the clocks of several services do not matter.
// KEYS bucket; ARGV burst, interval in us. Replies 1 (allowed) or 0, the calls left, us to wait.
// The key holds when the bucket is full again, and ends then.
constexpr const char* count_call_script = R"lua(
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

SharedRateBuckets::SharedRateBuckets(RedisUrl url, std::size_t pool_size,
                                     std::chrono::milliseconds timeout)
    : redis_(std::make_unique<GuardedRedis>(std::move(url), pool_size, timeout,
                                            "redis is out, each service limits requests for itself",
                                            errors_)) {}

SharedRateBuckets::~SharedRateBuckets() = default;

std::optional<RateAnswer> SharedRateBuckets::take(const std::string& bucket,
                                                  const RateLimit& limit) noexcept {
  std::optional<RateAnswer> answer;
  redis_->run([&](RedisConnection& connection) {
    static const RedisScript script(count_call_script);
    const auto reply =
        connection.evaluate(script, {key_prefix + bucket},
                            {std::to_string(limit.burst), std::to_string(limit.interval_us)});
    if (reply->elements != 3) return;
    answer = RateAnswer{reply->element[0]->integer == 1, reply->element[1]->integer,
                        std::chrono::microseconds(reply->element[2]->integer)};
  });
  return answer;
}

}  // namespace evently
