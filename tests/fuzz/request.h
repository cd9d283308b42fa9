#pragma once

#include <string>
#include <string_view>

#include "api/http/http_call.h"
#include "tests/support/parsed_request.h"

namespace evently {

// A request as handlers see it, made without a server.
struct FuzzedRequest {
  // `head` from the request line to the empty line; where it is none, the request has no fields.
  FuzzedRequest(std::string_view head, std::string_view body, std::string_view path_id)
      : parsed(head), request(parsed.request) {
    request.body = body;
    request.target.path = "/events/" + std::string(path_id);
    context.match.parameters.emplace_back(path_id);
  }

  ParsedRequest parsed;
  HttpRequest request;
  HttpAnswer answer;
  RequestContext context;
  HttpCall call{request, answer, context};
};

}  // namespace evently
