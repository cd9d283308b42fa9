#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "redis_bridge/bridge/bridge_config.h"
#include "redis_bridge/bridge/bridge_metrics.h"
#include "redis_bridge/bridge/dirty_events.h"
#include "redis_bridge/bridge/postgres_session.h"
#include "redis_bridge/bridge/reconnect_policy.h"
#include "redis_bridge/bridge/stop_event.h"
#include "redis_bridge/tokens/writer.h"

namespace evently {

// Keeps the tokens in Redis equal to the database: hears which events changed, reads them, applies
// what it read, and vouches for the result by a lease. One thread runs all of it as turns of one
// loop that waits for the database's socket, the next due time or the stop event.
class Bridge {
 public:
  Bridge(BridgeConfig config, BridgeMetrics& metrics, const StopEvent& stop);

  // Returns when told to stop. Lost connections are made anew until then.
  void run();

 private:
  using Clock = std::chrono::steady_clock;

  void turn();
  void connect_postgres();
  void connect_redis();
  void lose_postgres(const std::string& why);
  void lose_redis(const std::string& why, bool redis_answered);
  void work();
  void wait();
  Clock::time_point flush_at() const;

  void take_notifications();
  void heartbeat();
  void gather_suspects();
  void flush();
  bool resync();
  bool apply(std::vector<SellableInventory> inventories, Clock::time_point read_at);
  void apply_dirty(const DirtyEvents::Events& events);

  const BridgeConfig config_;
  BridgeMetrics& metrics_;
  const StopEvent& stop_;
  std::optional<PostgresSession> postgres_;
  std::optional<TokenWriter> writer_;
  ReconnectPolicy postgres_reconnect_;
  ReconnectPolicy redis_reconnect_;
  DirtyEvents dirty_;
  std::string epoch_;  // empty: the one in Redis must begin anew
  std::string scan_cursor_ = "0";
  Clock::time_point heartbeat_at_{};
  Clock::time_point touched_at_{};
  Clock::time_point scan_at_{};
  Clock::time_point rested_at_{};
};

}  // namespace evently
