#pragma once

#include <optional>

#include "api/http/http_call.h"
#include "api/http/problem.h"

namespace evently {

// What the service does with a request. The connection takes the steps in this order, in the
// coroutine that serves it; what is no HTTP skips objection() and answer(). None may throw.
class RequestSteps {
 public:
  virtual ~RequestSteps() = default;

  // The header section has arrived, or what came is none: who asks, and for what.
  virtual void begin(HttpCall& call) = 0;

  // What speaks against the request before its body is read. body_follows: the client sends one
  // whatever we say, so that a refusal ends the connection.
  virtual std::optional<Problem> objection(const HttpCall& call, bool body_follows) = 0;

  // The whole request is there: there is an answer afterwards.
  virtual void answer(HttpCall& call) = 0;

  // Adds the headers that every answer has.
  virtual void complete(HttpCall& call) = 0;

  // The answer has been written.
  virtual void record(const HttpCall& call) = 0;
};

}  // namespace evently
