#pragma once

#include <string_view>

#include "api/http/parser.h"

namespace evently {

// A header section as the server takes it, made without one.
struct ParsedRequest {
  // `head` from the request line to the empty line; nothing of it need be well-formed.
  explicit ParsedRequest(std::string_view head) {
    boost::system::error_code error;
    parse(parser, head, error);
    well_formed = !error && parser.is_header_done();
    if (well_formed) request = request_of(parser);
  }
  ParsedRequest(const ParsedRequest&) = delete;
  ParsedRequest& operator=(const ParsedRequest&) = delete;

  RequestParser parser;
  bool well_formed = false;
  HttpRequest request;  // refers to the parser
};

}  // namespace evently
