#include "tests/support/redis.h"

#include <stdexcept>

#include "redis_bridge/redis/redis_url.h"
#include "tests/support/sessions/stack.h"

namespace evently {

TestRedis::TestRedis() {
  const RedisUrl url = parse_redis_url(setting("REDIS_URL"));
  constexpr timeval timeout{2, 0};
  context_.reset(redisConnectWithTimeout(url.host.c_str(), url.port, timeout));
  if (!context_ || context_->err != 0) throw std::runtime_error("cannot connect to Redis");
  redisSetTimeout(context_.get(), timeout);
  if (!url.password.empty()) {
    if (url.user.empty())
      command({"AUTH", url.password});
    else
      command({"AUTH", url.user, url.password});
  }
  command({"SELECT", std::to_string(url.database)});
}

std::optional<std::string> TestRedis::command(const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    lengths.push_back(word.size());
  }
  const std::unique_ptr<redisReply, void (*)(redisReply*)> reply(
      static_cast<redisReply*>(redisCommandArgv(context_.get(), static_cast<int>(texts.size()),
                                                texts.data(), lengths.data())),
      [](redisReply* owned) { freeReplyObject(owned); });
  if (!reply) throw std::runtime_error(words[0] + ": no answer from Redis");
  switch (reply->type) {
    case REDIS_REPLY_ERROR:
      throw std::runtime_error(words[0] + ": " + reply->str);
    case REDIS_REPLY_NIL:
      return std::nullopt;
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply->integer);
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      return std::string(reply->str, reply->len);
    default:
      throw std::runtime_error(words[0] + ": a reply of another type");
  }
}

std::optional<std::int64_t> TestRedis::tokens(std::int64_t event_id) {
  const auto text = command({"GET", "event:" + std::to_string(event_id) + ":tokens"});
  if (!text) return std::nullopt;
  return std::stoll(*text);
}

std::string tokens_differ(std::int64_t event_id, std::int64_t expected) {
  const auto found = TestRedis().tokens(event_id);
  if (found == expected) return "";
  return "tokens of event " + std::to_string(event_id) + " are " +
         (found ? std::to_string(*found) : "absent") + ", not " + std::to_string(expected);
}

testing::AssertionResult tokens_become(std::int64_t event_id, std::int64_t expected,
                                       Milliseconds within) {
  return eventually(within, [&]() -> std::string {
    try {
      return tokens_differ(event_id, expected);
    } catch (const std::exception& error) {
      return error.what();
    }
  });
}

}  // namespace evently
