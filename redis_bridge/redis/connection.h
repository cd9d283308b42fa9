#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "redis_bridge/redis/redis_url.h"

struct redisContext;
struct redisReply;

namespace evently {

class RedisError : public std::runtime_error {
 public:
  RedisError(const std::string& what, bool connection_lost)
      : std::runtime_error(what), connection_lost_(connection_lost) {}

  // False when Redis answered, but with an error: the connection can still be used.
  bool connection_lost() const { return connection_lost_; }

 private:
  bool connection_lost_;
};

// A Lua script, named in Redis by the SHA-1 of its text.
class RedisScript {
 public:
  explicit RedisScript(std::string text);
  const std::string& text() const { return text_; }
  const std::string& sha1() const { return sha1_; }

 private:
  std::string text_;
  std::string sha1_;
};

// One connection for one thread. It connects on first use and never again: after an error of input
// or output it is dead, because a late reply would be taken for that of the next command.
class RedisConnection {
 public:
  using Clock = std::chrono::steady_clock;
  struct ReplyDeleter {
    void operator()(redisReply* reply) const;
  };
  using Reply = std::unique_ptr<redisReply, ReplyDeleter>;

  explicit RedisConnection(RedisUrl url);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  // Everything until the next call of this, connecting included, must be done by then.
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }

  // Throws RedisError, also for an error that Redis answers. The reply is never null.
  Reply command(const std::vector<std::string>& arguments);

  // Runs the script by its hash, and by its text where Redis has forgotten it.
  Reply evaluate(const RedisScript& script, const std::vector<std::string>& keys,
                 const std::vector<std::string>& arguments);

 private:
  struct ContextDeleter {
    void operator()(redisContext* context) const;
  };

  void connect();
  void greet();
  Reply send(const std::vector<std::string>& arguments);
  [[noreturn]] void die(const std::string& what);

  const RedisUrl url_;
  Clock::time_point deadline_{};
  std::unique_ptr<redisContext, ContextDeleter> context_;
  bool dead_ = false;
};

}  // namespace evently
