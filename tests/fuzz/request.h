#pragma once

#include <string>
#include <string_view>

#include "api/http/http_call.h"

namespace evently {

// A request as handlers see it, made without a server.
struct FuzzedRequest {
  // `head` from the request line to the empty line; nothing of it need be well-formed.
  FuzzedRequest(std::string_view head, std::string_view body, std::string_view path_id) {
    request.body = body;
    context.head_text = head;
    context.head.emplace(context.head_text);
    context.path = "/events/" + std::string(path_id);
    context.match.parameters.emplace_back(path_id);
  }

  httplib::Request request;
  httplib::Response response;
  RequestContext context;
  HttpCall call{request, response, context};
};

}  // namespace evently
