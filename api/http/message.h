#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/request_head.h"
#include "api/http/target.h"

namespace evently {

// A request as the pipeline and the endpoints see it, whatever library has read it.
struct HttpRequest {
  int version = 11;    // of HTTP: 10 or 11
  std::string method;  // as sent; empty when what came is no HTTP
  RequestTarget target;
  RequestHead head;
  std::string body;
  std::string peer;  // the address that sends it
};

// What is answered; the length and what concerns the connection is added where it is sent.
struct HttpAnswer {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

}  // namespace evently
