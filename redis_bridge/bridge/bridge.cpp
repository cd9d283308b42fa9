#include "redis_bridge/bridge/bridge.h"

#include <poll.h>

#include <algorithm>
#include <random>
#include <unordered_set>
#include <utility>

#include "redis_bridge/bridge/inventory_queries.h"
#include "redis_bridge/bridge/notification.h"
#include "runtime/log.h"

namespace evently {
namespace {

constexpr std::chrono::milliseconds redis_timeout{200};
constexpr std::size_t read_chunk = 500;  // events read by their ids in one query
constexpr int resync_page = 1000;
constexpr std::size_t touched_max = 5000;  // taken out of Redis at once
// All known events are read in turn, this often a few hundred: that mends tokens that went wrong
// without a notification, and finds events that have started.
constexpr std::chrono::seconds scan_interval{1};
// Bookings of a thousand events at once would keep it busy without end: it rests this many times as
// long as a flush took, but no longer than a heartbeat, and flushes larger portions.
constexpr int rest_factor = 20;

std::chrono::milliseconds ms_since(std::chrono::steady_clock::time_point start) {
  const auto elapsed = std::chrono::steady_clock::now() - start;
  return std::chrono::duration_cast<std::chrono::milliseconds>(elapsed);
}

}  // namespace

Bridge::Bridge(BridgeConfig config, BridgeMetrics& metrics, const StopEvent& stop)
    : config_(std::move(config)),
      metrics_(metrics),
      stop_(stop),
      postgres_reconnect_(std::random_device{}()),
      redis_reconnect_(std::random_device{}()) {}

void Bridge::run() {
  try {
    while (true) turn();
  } catch (const Stopped&) {
    log(Level::info, "stopping");
  }
}

void Bridge::turn() {
  try {
    if (!postgres_ && Clock::now() >= postgres_reconnect_.retry_at()) connect_postgres();
    if (!writer_ && Clock::now() >= redis_reconnect_.retry_at()) connect_redis();
    if (postgres_) take_notifications();
    if (writer_) work();
  } catch (const PostgresError& error) {
    lose_postgres(error.what());
  } catch (const RedisError& error) {
    lose_redis(error.what(), !error.connection_lost());
  }
  metrics_.oldest_unapplied(dirty_.oldest());
  wait();
}

void Bridge::connect_postgres() {
  postgres_.emplace(config_.database_url, stop_);
  listen_for_changes(*postgres_);  // before anything is read, or a change in between is missed
  metrics_.postgresql_connected(true);
  log(Level::info, "connected", {{"side", "postgresql"}, {"address", postgres_->address()}});
  dirty_.request_resync(Clock::now());
  heartbeat_at_ = Clock::time_point::min();
}

void Bridge::connect_redis() {
  writer_.emplace(config_.redis, redis_timeout);
  metrics_.redis_connected(true);
  log(Level::info, "connected",
      {{"side", "redis"},
       {"address", config_.redis.host + ":" + std::to_string(config_.redis.port)}});
  dirty_.request_resync(Clock::now());
  heartbeat_at_ = Clock::time_point::min();
}

void Bridge::lose_postgres(const std::string& why) {
  const auto now = Clock::now();
  postgres_.reset();
  metrics_.postgresql_connected(false);
  dirty_.request_resync(now);
  if (postgres_reconnect_.failed(why, now)) {
    log(Level::warning, "lost", {{"side", "postgresql"}, {"error", why}});
  }
}

void Bridge::lose_redis(const std::string& why, bool redis_answered) {
  const auto now = Clock::now();
  writer_.reset();
  metrics_.redis_connected(false);
  dirty_.request_resync(now);
  // An error in an answer may come from keys that hold something strange: clear them.
  if (redis_answered) epoch_.clear();
  if (redis_reconnect_.failed(why, now)) {
    log(Level::warning, "lost", {{"side", "redis"}, {"error", why}});
  }
}

void Bridge::work() {
  const auto now = Clock::now();
  if (now >= heartbeat_at_) {
    heartbeat();
    return;
  }
  if (!postgres_ || dirty_.resync_requested()) return;  // the next heartbeat sees to it
  const bool suspects_due = now >= touched_at_;
  if (suspects_due) gather_suspects();
  if (suspects_due || now >= flush_at()) flush();
}

Bridge::Clock::time_point Bridge::flush_at() const {
  const auto oldest = dirty_.oldest();
  return oldest ? std::max(*oldest + config_.gather, rested_at_) : Clock::time_point::max();
}

void Bridge::wait() {
  auto due = Clock::time_point::max();
  if (!postgres_) due = std::min(due, postgres_reconnect_.retry_at());
  if (!writer_) due = std::min(due, redis_reconnect_.retry_at());
  if (writer_) due = std::min(due, heartbeat_at_);
  if (postgres_ && writer_ && !dirty_.resync_requested()) {
    due = std::min({due, touched_at_, flush_at()});
  }
  stop_.wait(postgres_ ? postgres_->socket() : -1, POLLIN, due);
}

void Bridge::take_notifications() {
  const std::vector<std::string> payloads = postgres_->notifications();
  const auto now = Clock::now();
  metrics_.notifications_received(payloads.size());
  for (const std::string& payload : payloads) {
    const Notification notification = parse_notification(payload);
    if (notification.kind == Notification::Kind::unreadable) {
      log(Level::warning, "unreadable notification", {{"payload", payload.substr(0, 100)}});
    }
    if (notification.kind != Notification::Kind::events) dirty_.request_resync(now);
    for (const std::int64_t id : notification.event_ids) dirty_.notified(id, now);
  }
}

// The lease says: the tokens are what the database said a moment ago. So it is renewed only after
// the database has answered in this very heartbeat and everything that it had announced by then is
// applied, and it lasts from the moment the question was asked.
void Bridge::heartbeat() {
  const auto start = Clock::now();
  heartbeat_at_ = start + config_.heartbeat;
  if (!postgres_) {
    writer_->epoch_is(epoch_);  // only to notice that Redis has gone
    return;
  }
  const std::string epoch = read_epoch(*postgres_);
  take_notifications();
  if (epoch != epoch_ || !writer_->epoch_is(epoch)) {
    log(Level::info, "epoch begins", {{"epoch", epoch}});
    writer_->begin_epoch(epoch);
    epoch_ = epoch;
    dirty_.request_resync(start);
  }
  if (start >= touched_at_) gather_suspects();
  flush();
  if (!dirty_.resync_requested()) flush();  // what the resync found doubtful
  if (dirty_.resync_requested()) return;
  const auto lease = config_.lease - ms_since(start);
  if (lease.count() <= 0) {
    log(Level::warning, "lease lapsed", {{"ms", ms_since(start).count()}});
    return;
  }
  if (!writer_->renew_lease(epoch_, lease)) {
    dirty_.request_resync(Clock::now());
    return;
  }
  metrics_.lease_renewed(Clock::now());
  postgres_reconnect_.proved();
  redis_reconnect_.proved();
}

void Bridge::gather_suspects() {
  const auto now = Clock::now();
  const std::vector<std::int64_t> touched = writer_->drain_touched(touched_max);
  for (const std::int64_t id : touched) dirty_.suspected(id, now);
  touched_at_ = touched.size() < touched_max ? now + config_.touched_interval : now;
  if (now < scan_at_) return;
  scan_at_ = now + scan_interval;
  std::vector<std::int64_t> known;
  scan_cursor_ = writer_->scan_known(scan_cursor_, known);
  for (const std::int64_t id : known) dirty_.suspected(id, now);
}

// Applies everything that is marked now; what comes meanwhile waits for the next time.
void Bridge::flush() {
  const auto start = Clock::now();
  const bool all = dirty_.resync_requested();
  const DirtyEvents::Events events = dirty_.take();
  if (all) {
    if (!resync()) {
      dirty_.request_resync(Clock::now());
      return;
    }
  } else {
    apply_dirty(events);
  }
  const auto now = Clock::now();
  rested_at_ = now + std::min<Clock::duration>(rest_factor * (now - start), config_.heartbeat);
  for (const auto& [id, notified_at] : events) {
    if (notified_at) metrics_.applied_after(now - *notified_at);
  }
}

void Bridge::apply_dirty(const DirtyEvents::Events& events) {
  auto next = events.begin();
  while (next != events.end()) {
    stop_.check();
    std::vector<std::int64_t> ids;
    while (next != events.end() && ids.size() < read_chunk) ids.push_back((next++)->first);
    const auto read_at = Clock::now();
    std::vector<SellableInventory> inventories = read_inventories(*postgres_, ids);
    std::unordered_set<std::int64_t> gone(ids.begin(), ids.end());
    for (const SellableInventory& sellable : inventories) gone.erase(sellable.inventory.event_id);
    if (!apply(std::move(inventories), read_at)) {
      dirty_.request_resync(Clock::now());
      return;
    }
    writer_->remove({gone.begin(), gone.end()});
  }
}

// Reads all events; those that Redis knows and the database did not show are looked at once more,
// by their ids, and removed then. False when Redis lost its epoch meanwhile.
bool Bridge::resync() {
  const auto start = Clock::now();
  std::vector<std::int64_t> known;
  std::string cursor = "0";
  do {
    stop_.check();
    cursor = writer_->scan_known(cursor, known);
  } while (cursor != "0");
  std::unordered_set<std::int64_t> unseen(known.begin(), known.end());

  std::size_t count = 0;
  std::int64_t last_id = 0;
  bool more = true;
  while (more) {
    const auto read_at = Clock::now();
    std::vector<SellableInventory> page = read_inventory_page(*postgres_, last_id, resync_page);
    take_notifications();
    for (const SellableInventory& sellable : page) unseen.erase(sellable.inventory.event_id);
    count += page.size();
    more = page.size() == static_cast<std::size_t>(resync_page);
    if (!page.empty()) last_id = page.back().inventory.event_id;
    if (!apply(std::move(page), read_at)) return false;
  }
  const auto now = Clock::now();
  for (const std::int64_t id : unseen) dirty_.suspected(id, now);
  metrics_.resynced();
  log(Level::info, "resync", {{"events", count}, {"ms", ms_since(start).count()}});
  return true;
}

bool Bridge::apply(std::vector<SellableInventory> inventories, Clock::time_point read_at) {
  const std::int64_t age_ms = ms_since(read_at).count();
  for (SellableInventory& sellable : inventories) sellable.ms_until_start -= age_ms;
  if (!writer_->apply(epoch_, inventories)) return false;
  metrics_.events_applied(inventories.size());
  return true;
}

}  // namespace evently
