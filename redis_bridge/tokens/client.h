#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "redis_bridge/redis/connection.h"
#include "redis_bridge/redis/guarded.h"
#include "redis_bridge/redis/redis_url.h"

namespace evently {

// Tokens are a hint kept in Redis: the seats an event has left. Wrong tokens cost a round trip to
// the database, never a seat. not_enough means that the database had too few seats a moment ago;
// taken, that others have taken what is missing, whose bookings may yet fail; unknown, that Redis
// or the bridge cannot tell. Both mean: ask the database.
enum class TokenAnswer { enough, not_enough, taken, unknown };

// What was said of the items of a batch, and on what it rests.
struct TokenAnswers {
  std::vector<TokenAnswer> items;
  std::int64_t seats_left = 0;             // before the batch, by the database; when not unknown
  std::chrono::milliseconds valid_for{0};  // how long the bridge vouches for it; when not unknown
};

// lost: Redis could not be told, and may hold fewer tokens than there are seats.
enum class WriteBack { done, other_epoch, lost };

// What the database says of an event. Its version orders such sayings.
struct Inventory {
  std::int64_t event_id;
  std::int64_t version;
  std::int64_t seats_available;
};

// What the bridge applies: tokens of an event live until it starts.
struct SellableInventory {
  Inventory inventory;
  std::int64_t ms_until_start;
};

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

  // Takes seats from the event's tokens for one item after another, wherever they suffice: a small
  // item may still fit behind a large one that did not. Where they do not because others have taken
  // them, it is taken. Seats below 1 make all of it unknown.
  TokenAnswers take_many(std::int64_t event_id, const std::vector<std::int64_t>& seats) noexcept;

  // Writes the database's answer back, so that the next take sees it at once. `epoch` is the
  // database's evently.epoch(); an answer from another epoch or an older version is ignored. With
  // other_epoch the caller's may be out of date.
  WriteBack apply(const std::string& epoch, const Inventory& inventory) noexcept;

  // The event was changed or deleted: its tokens are unknown until the bridge sets them again.
  // False when Redis could not be told.
  bool forget(std::int64_t event_id) noexcept;

  // For readiness; false while the breaker is open.
  bool reachable() noexcept;

  const Counters& counters() const { return counters_; }
  bool breaker_open() const { return redis_.breaker_open(); }

 private:
  void count(const std::vector<TokenAnswer>& answers) noexcept;

  Counters counters_;
  GuardedRedis redis_;
};

// What the bridge uses: one connection, one thread. Everything throws RedisError; after that the
// writer is of no more use and a new one is made.
class TokenWriter {
 public:
  TokenWriter(const RedisUrl& url, std::chrono::milliseconds timeout);

  bool epoch_is(const std::string& epoch);

  // Drops the lease, clears all tokens, versions, seats and touched marks, then notes the epoch.
  void begin_epoch(const std::string& epoch);

  // Newer and equal versions overwrite; an event that has started loses its tokens. False when
  // Redis holds another epoch or none: nothing may be trusted then, begin_epoch is due.
  bool apply(const std::string& epoch, const std::vector<SellableInventory>& inventories);

  // The events have vanished or started.
  void remove(const std::vector<std::int64_t>& event_ids);

  // False when Redis holds another epoch or none; no lease is given then.
  bool renew_lease(const std::string& epoch, std::chrono::milliseconds lease);

  // Takes at most `max` ids out of the set of events whose tokens were taken since.
  std::vector<std::int64_t> drain_touched(std::size_t max);

  // One step through the events that Redis knows, some of them perhaps twice. Start with cursor 0
  // and pass on what comes back; 0 again means that all have been seen.
  std::string scan_known(const std::string& cursor, std::vector<std::int64_t>& event_ids);

 private:
  RedisConnection::Reply command(const std::vector<std::string>& arguments);

  const std::chrono::milliseconds timeout_;
  RedisConnection connection_;
};

}  // namespace evently
