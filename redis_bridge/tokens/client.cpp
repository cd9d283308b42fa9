#include "redis_bridge/tokens/client.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <utility>

#include "redis_bridge/redis/guarded.h"
#include "redis_bridge/tokens/keys.h"
#include "redis_bridge/tokens/scripts.h"

namespace evently {

TokenClient::TokenClient(RedisUrl url, std::size_t pool_size, std::chrono::milliseconds timeout)
    : redis_(std::make_unique<GuardedRedis>(std::move(url), pool_size, timeout,
                                            "redis is out, bookings go on without tokens",
                                            counters_.errors)) {}

TokenClient::~TokenClient() = default;

bool TokenClient::breaker_open() const {
  return redis_->breaker_open();
}

TokenAnswers TokenClient::take_many(std::int64_t event_id,
                                    const std::vector<std::int64_t>& seats) noexcept {
  TokenAnswers answers;
  answers.items.assign(seats.size(), TokenAnswer::unknown);
  if (std::all_of(seats.begin(), seats.end(), [](std::int64_t number) { return number >= 1; })) {
    redis_->run([&](RedisConnection& connection) {
      static const RedisScript script(take_many_script);
      std::vector<std::string> arguments{std::to_string(event_id)};
      for (const std::int64_t number : seats) arguments.push_back(std::to_string(number));
      const auto reply = connection.evaluate(
          script, {lease_key, tokens_key(event_id), seats_key, touched_key}, arguments);
      if (reply->elements != 3 || reply->element[2]->len != seats.size()) return;  // unknown
      answers.valid_for = std::chrono::milliseconds(reply->element[0]->integer);
      answers.seats_left = reply->element[1]->integer;
      for (std::size_t i = 0; i < seats.size(); ++i) {
        const char answer = reply->element[2]->str[i];
        if (answer == '1') answers.items[i] = TokenAnswer::enough;
        if (answer == '0') answers.items[i] = TokenAnswer::not_enough;
        if (answer == '?') answers.items[i] = TokenAnswer::taken;
      }
    });
  }
  count(answers.items);
  return answers;
}

void TokenClient::count(const std::vector<TokenAnswer>& answers) noexcept {
  for (const TokenAnswer answer : answers) {
    switch (answer) {
      case TokenAnswer::enough:
        ++counters_.enough;
        break;
      case TokenAnswer::not_enough:
        ++counters_.not_enough;
        break;
      case TokenAnswer::taken:
        ++counters_.taken;
        break;
      case TokenAnswer::unknown:
        ++counters_.unknown;
        break;
    }
  }
}

WriteBack TokenClient::apply(const std::string& epoch, const Inventory& inventory) noexcept {
  if (inventory.seats_available < 0) {  // no database says that: a fault of the caller
    ++counters_.errors;
    return WriteBack::done;
  }
  bool same_epoch = true;
  const bool told = redis_->run([&](RedisConnection& connection) {
    static const RedisScript script(write_back_script);
    const auto reply = connection.evaluate(
        script, {epoch_key, tokens_key(inventory.event_id), versions_key, seats_key},
        {epoch, std::to_string(inventory.event_id), std::to_string(inventory.version),
         std::to_string(inventory.seats_available)});
    same_epoch = reply->integer != -1;
  });
  if (!told) return WriteBack::lost;
  return same_epoch ? WriteBack::done : WriteBack::other_epoch;
}

bool TokenClient::forget(std::int64_t event_id) noexcept {
  return redis_->run([&](RedisConnection& connection) {
    static const RedisScript script(forget_script);
    connection.evaluate(script, {tokens_key(event_id), touched_key}, {std::to_string(event_id)});
  });
}

bool TokenClient::reachable() noexcept {
  return redis_->run([](RedisConnection& connection) { connection.command({"PING"}); });
}

}  // namespace evently
