#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/sessions/eventually.h"

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

// Why the tokens of an event are not `expected`; empty when they are.
std::string tokens_differ(std::int64_t event_id, std::int64_t expected);

// Waits until they are, also while Redis does not answer. In quiet a second is enough (I7).
testing::AssertionResult tokens_become(std::int64_t event_id, std::int64_t expected,
                                       Milliseconds within = Milliseconds(1000));

}  // namespace evently
