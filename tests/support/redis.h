#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace evently {

// The Redis of the stack, as any onlooker sees it.
class TestRedis {
 public:
  TestRedis();

  // Strings and whole numbers as text, nil as nullopt. Throws on an error.
  std::optional<std::string> command(const std::vector<std::string>& words);

  // nullopt while the event has no tokens.
  std::optional<std::int64_t> tokens(std::int64_t event_id);

 private:
  struct Free {
    void operator()(redisContext* context) const { redisFree(context); }
  };
  std::unique_ptr<redisContext, Free> context_;
};

// Why the tokens of an event are not `expected`; empty when they are. For eventually().
std::string tokens_differ(std::int64_t event_id, std::int64_t expected);

}  // namespace evently
