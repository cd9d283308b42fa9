#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "redis_bridge/redis/connection.h"
#include "redis_bridge/redis/redis_url.h"
#include "redis_bridge/tokens/inventory.h"

namespace evently {

// What the bridge uses: one connection, one thread. Everything throws RedisError; after that the
// writer is of no more use and a new one is made.
class TokenWriter {
 public:
  TokenWriter(const RedisUrl& url, std::chrono::milliseconds timeout);

  bool epoch_is(const std::string& epoch);

  // Drops the lease, clears all tokens, versions, seats and touched ids, then notes the epoch.
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
