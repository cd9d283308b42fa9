#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/http/problem.h"
#include "api/http/router.h"

namespace evently {

// What the steps of the pipeline find out about a request.
struct RequestContext {
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::string request_id;
  std::string client;  // the address that asks
  Router::Match match;

  // Decided already, and said when saying it does not cost the connection.
  std::optional<Problem> refusal;
  std::vector<std::pair<std::string, std::string>> standing_headers;  // of any answer

  std::vector<std::string> statement_ids;
  std::string problem_code;

  RequestContext() = default;
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;
};

}  // namespace evently
