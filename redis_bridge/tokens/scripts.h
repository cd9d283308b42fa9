#pragma once

// The scripts that keep tokens right, and the keys they work on. Redis runs each as one step.
//
//   event:{id}:tokens   seats left as a whole number, which anyone may read; gone once it starts
//   evently:versions    hash, event id -> version of the database's answer that was applied last
//   evently:seats       hash, event id -> seats left by that answer: tokens below that are taken by
//                       bookings under way, of which some will fail or repeat an earlier one
//   evently:touched     set of the ids whose tokens were taken and may have been lost since
//   evently:epoch       which database, in which life, the tokens speak of
//   evently:lease       there while the bridge vouches for the tokens

#include <string>

namespace evently {

constexpr const char* versions_key = "evently:versions";
constexpr const char* seats_key = "evently:seats";
constexpr const char* touched_key = "evently:touched";
constexpr const char* epoch_key = "evently:epoch";
constexpr const char* lease_key = "evently:lease";

// Newer and equal versions overwrite: begins every script that writes what the database said.
// Versions are compared as numbers of Lua, exact up to 2^53.
inline const std::string version_rule = R"lua(
local function is_outdated(versions, id, version)
  local known = tonumber(redis.call('HGET', versions, id))
  return known and tonumber(version) < known
end
)lua";

// KEYS lease, tokens, seats, touched; ARGV id, then the seats of each item, decided in their order.
// Replies how long the lease still runs (ms), the seats left by the database's last word, and for
// each item 1 (enough), 0 (not enough by that word), or ? (what is missing is only taken);
// nothing when all are unknown. The event is noted as touched on a refusal too: wrong tokens are
// found and mended by being asked.
constexpr const char* take_many_script = R"lua(
local lease_ms = redis.call('PTTL', KEYS[1])
if lease_ms < 0 then return {} end
local tokens = redis.pcall('GET', KEYS[2])
local known = tonumber(redis.call('HGET', KEYS[3], ARGV[1]))
if not known or type(tokens) ~= 'string' or not string.find(tokens, '^%d+$') then return {} end
redis.call('SADD', KEYS[4], ARGV[1])
local left, taken, answers = tonumber(tokens), 0, {}
if left > known then known = left end -- another program has set them since
for i = 2, #ARGV do
  local seats = tonumber(ARGV[i])
  if seats <= left then
    left = left - seats
    taken = taken + seats
    answers[i - 1] = '1'
  else
    answers[i - 1] = seats <= known and '?' or '0'
  end
end
if taken > 0 then redis.call('DECRBY', KEYS[2], string.format('%.0f', taken)) end
return {lease_ms, known, table.concat(answers)}
)lua";

// KEYS epoch, tokens, versions, seats; ARGV epoch, id, version, seats. -1: Redis holds another
// epoch. Only the bridge makes keys, because it knows when an event starts.
inline const std::string write_back_script = version_rule + R"lua(
local epoch = redis.call('GET', KEYS[1])
if not epoch then return 0 end
if epoch ~= ARGV[1] then return -1 end
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
if is_outdated(KEYS[3], ARGV[2], ARGV[3]) then return 0 end
redis.call('SET', KEYS[2], ARGV[4], 'KEEPTTL')
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
redis.call('HSET', KEYS[4], ARGV[2], ARGV[4])
return 1
)lua";

// KEYS tokens, touched; ARGV id. The version stays, so that no older answer can come back.
constexpr const char* forget_script = R"lua(
redis.call('DEL', KEYS[1])
return redis.call('SADD', KEYS[2], ARGV[1])
)lua";

// KEYS epoch, versions, seats, tokens...; ARGV epoch, then id, version, seats, ms until start of
// each.
inline const std::string apply_script = version_rule + R"lua(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 4, #KEYS do
  local at = 2 + (i - 4) * 4
  local id, version, seats, ms = ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if not is_outdated(KEYS[2], id, version) then
    if tonumber(ms) > 0 then
      redis.call('SET', KEYS[i], seats, 'PX', ms)
    else
      redis.call('DEL', KEYS[i])
    end
    redis.call('HSET', KEYS[2], id, version)
    redis.call('HSET', KEYS[3], id, seats)
  end
end
return 1
)lua";

// KEYS epoch, lease; ARGV epoch, lease in ms.
constexpr const char* renew_lease_script = R"lua(
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
return 1
)lua";

}  // namespace evently
