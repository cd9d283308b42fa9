#include "redis_bridge/tokens/writer.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "redis_bridge/tokens/keys.h"
#include "redis_bridge/tokens/scripts.h"
#include "runtime/integers.h"

namespace evently {
namespace {

// A script or a multi-key command holds up all other clients of Redis: keep each to about 1 ms.
constexpr std::size_t chunk_max = 500;

std::string_view text_of(const redisReply& reply) {
  return reply.str == nullptr ? std::string_view() : std::string_view(reply.str, reply.len);
}

// event:7:tokens is ours, event:seven:tokens belongs to another program.
bool is_tokens_key(std::string_view key) {
  constexpr std::string_view prefix = "event:";
  constexpr std::string_view suffix = ":tokens";
  if (key.size() <= prefix.size() + suffix.size()) return false;
  if (key.substr(0, prefix.size()) != prefix) return false;
  if (key.substr(key.size() - suffix.size()) != suffix) return false;
  return parse_id(key.substr(prefix.size(), key.size() - prefix.size() - suffix.size()))
      .has_value();
}

// The answer of SCAN and its kin: the next cursor and a page.
const redisReply& page_of(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2) {
    throw RedisError("Redis answered a scan in an unknown form", false);
  }
  return *reply.element[1];
}

}  // namespace

TokenWriter::TokenWriter(const RedisUrl& url, std::chrono::milliseconds timeout)
    : timeout_(timeout), connection_(url) {
  command({"PING"});  // connects, so that a fault shows here
}

bool TokenWriter::epoch_is(const std::string& epoch) {
  const auto reply = command({"GET", epoch_key});
  return reply->type == REDIS_REPLY_STRING && text_of(*reply) == epoch;
}

void TokenWriter::begin_epoch(const std::string& epoch) {
  // Without lease and epoch no service takes or writes back, so the rest need not be one step.
  command({"DEL", lease_key, epoch_key});
  std::string cursor = "0";
  do {
    const auto reply = command({"SCAN", cursor, "MATCH", "event:*:tokens", "COUNT", "1000"});
    const redisReply& page = page_of(*reply);
    std::vector<std::string> removal{"DEL"};
    for (std::size_t i = 0; i < page.elements; ++i) {
      const std::string_view key = text_of(*page.element[i]);
      if (is_tokens_key(key)) removal.emplace_back(key);
    }
    if (removal.size() > 1) command(removal);
    cursor = text_of(*reply->element[0]);
  } while (cursor != "0");
  command({"UNLINK", versions_key, seats_key, touched_key});
  command({"SET", epoch_key, epoch});
}

bool TokenWriter::apply(const std::string& epoch,
                        const std::vector<SellableInventory>& inventories) {
  static const RedisScript script(apply_script);
  for (std::size_t begin = 0; begin < inventories.size(); begin += chunk_max) {
    const std::size_t end = std::min(begin + chunk_max, inventories.size());
    std::vector<std::string> keys{epoch_key, versions_key, seats_key};
    std::vector<std::string> arguments{epoch};
    for (std::size_t i = begin; i < end; ++i) {
      const auto& [inventory, ms_until_start] = inventories[i];
      if (inventory.seats_available < 0) throw std::invalid_argument("seats below zero");
      keys.push_back(tokens_key(inventory.event_id));
      arguments.push_back(std::to_string(inventory.event_id));
      arguments.push_back(std::to_string(inventory.version));
      arguments.push_back(std::to_string(inventory.seats_available));
      arguments.push_back(std::to_string(ms_until_start));
    }
    connection_.set_deadline(RedisConnection::Clock::now() + timeout_);
    if (connection_.evaluate(script, keys, arguments)->integer != 1) return false;
  }
  return true;
}

void TokenWriter::remove(const std::vector<std::int64_t>& event_ids) {
  for (std::size_t begin = 0; begin < event_ids.size(); begin += chunk_max) {
    const std::size_t end = std::min(begin + chunk_max, event_ids.size());
    std::vector<std::string> tokens{"DEL"};
    std::vector<std::string> versions{"HDEL", versions_key};
    std::vector<std::string> seats{"HDEL", seats_key};
    for (std::size_t i = begin; i < end; ++i) {
      tokens.push_back(tokens_key(event_ids[i]));
      versions.push_back(std::to_string(event_ids[i]));
      seats.push_back(versions.back());
    }
    command(tokens);
    command(seats);
    command(versions);  // last: what it does not name is never looked for again
  }
}

bool TokenWriter::renew_lease(const std::string& epoch, std::chrono::milliseconds lease) {
  static const RedisScript script(renew_lease_script);
  connection_.set_deadline(RedisConnection::Clock::now() + timeout_);
  const auto reply =
      connection_.evaluate(script, {epoch_key, lease_key}, {epoch, std::to_string(lease.count())});
  return reply->integer == 1;
}

std::vector<std::int64_t> TokenWriter::drain_touched(std::size_t max) {
  const auto reply = command({"SPOP", touched_key, std::to_string(max)});
  std::vector<std::int64_t> event_ids;
  for (std::size_t i = 0; i < reply->elements; ++i) {
    const auto id = parse_id(text_of(*reply->element[i]));
    if (id) event_ids.push_back(*id);
  }
  return event_ids;
}

std::string TokenWriter::scan_known(const std::string& cursor,
                                    std::vector<std::int64_t>& event_ids) {
  const auto reply = command({"HSCAN", versions_key, cursor, "COUNT", std::to_string(chunk_max)});
  const redisReply& page = page_of(*reply);
  for (std::size_t i = 0; i + 1 < page.elements; i += 2) {  // field and value in turn
    const auto id = parse_id(text_of(*page.element[i]));
    if (id) event_ids.push_back(*id);
  }
  return std::string(text_of(*reply->element[0]));
}

RedisConnection::Reply TokenWriter::command(const std::vector<std::string>& arguments) {
  connection_.set_deadline(RedisConnection::Clock::now() + timeout_);
  return connection_.command(arguments);
}

}  // namespace evently
