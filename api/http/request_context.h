#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/http/problem.h"
#include "api/http/request_head.h"
#include "api/http/router.h"

namespace evently {

// What is known of a request beside what the HTTP library hands to its callbacks. It lives on the
// stack of the thread that serves the connection; callbacks of that thread find it here.
struct RequestContext {
  std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
  std::string head_text;  // the header section, byte for byte
  bool head_too_large = false;
  bool too_slow = false;

  std::optional<RequestHead> head;  // refers to head_text
  std::string request_id;           // empty until the head has been looked at
  std::string path;                 // as sent, without query
  std::string client;               // the address that asks
  Router::Match match;

  // Decided already, and said when saying it does not cost the connection.
  std::optional<Problem> refusal;
  std::vector<std::pair<std::string, std::string>> standing_headers;  // of any answer

  std::vector<std::string> statement_ids;
  std::string problem_code;
  bool answered = false;          // by us, and not by the library for want of a request
  bool close_connection = false;  // bytes of this request may still be on the wire

  RequestContext() = default;
  RequestContext(const RequestContext&) = delete;
  RequestContext& operator=(const RequestContext&) = delete;
};

// Makes a context the current one of this thread.
class RequestScope {
 public:
  explicit RequestScope(RequestContext& context) { current_ = &context; }
  ~RequestScope() { current_ = nullptr; }
  RequestScope(const RequestScope&) = delete;
  RequestScope& operator=(const RequestScope&) = delete;

  static RequestContext& current() { return *current_; }

 private:
  static thread_local RequestContext* current_;
};

}  // namespace evently
