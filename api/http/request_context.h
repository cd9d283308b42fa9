#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/http/problem.h"
#include "api/http/router.h"
#include "api/http/trace_parent.h"

namespace evently {

// What the steps of the pipeline find out about a request.
struct RequestContext {
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::string request_id;
  TraceParent trace_parent;
  std::string client;          // the address that asks
  std::string prefix;          // of our paths, as that client sees them
  std::string admin_key_name;  // of the key that opened an admin path
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
