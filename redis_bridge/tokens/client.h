#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "redis_bridge/redis/redis_url.h"
#include "redis_bridge/tokens/inventory.h"

namespace evently {

class GuardedRedis;

// What the service uses. Thread-safe, never throws and never waits longer than the timeout (the
// system's name resolution excepted); while Redis is out it hardly waits at all.
class TokenClient {
 public:
  struct Counters {
    std::atomic<std::uint64_t> enough{0};
    std::atomic<std::uint64_t> not_enough{0};
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> unknown{0};
    std::atomic<std::uint64_t> errors{0};  // of any command; what the breaker spares is none
  };

  TokenClient(RedisUrl url, std::size_t pool_size, std::chrono::milliseconds timeout);
  ~TokenClient();
  TokenClient(const TokenClient&) = delete;
  TokenClient& operator=(const TokenClient&) = delete;

  // Takes seats from the event's tokens for one item after another, wherever they suffice: a small
  // item may still fit behind a large one that did not. Where they do not because others have taken
  // them, it is taken. Seats below 1 make all of it unknown.
  TokenAnswers take_many(std::int64_t event_id, const std::vector<std::int64_t>& seats) noexcept;

  // Writes the database's answer back, so that the next take sees it at once. `epoch` is the
  // database's evently.epoch(); an answer from another epoch or an older version is ignored. With
  // other_epoch the epoch of the caller may be out of date.
  WriteBack apply(const std::string& epoch, const Inventory& inventory) noexcept;

  // The event was changed or deleted: its tokens are unknown until the bridge sets them again.
  // False when Redis could not be told.
  bool forget(std::int64_t event_id) noexcept;

  // For readiness; false while the breaker is open.
  bool reachable() noexcept;

  const Counters& counters() const { return counters_; }
  bool breaker_open() const;

 private:
  void count(const std::vector<TokenAnswer>& answers) noexcept;

  Counters counters_;
  const std::unique_ptr<GuardedRedis> redis_;
};

}  // namespace evently
