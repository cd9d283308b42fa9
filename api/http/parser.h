#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <string_view>

#include "api/http/message.h"

namespace evently {

constexpr std::size_t head_bytes_max = 32'768;

// Of one request. It has no limit of its own for the body before check_body() has looked at it.
class RequestParser : public boost::beast::http::request_parser<boost::beast::http::string_body> {
 public:
  RequestParser() {
    header_limit(head_bytes_max);
    body_limit(boost::none);
  }

  std::size_t head_bytes = 0;  // parsed so far
};

// Parses what `bytes` has of the request; returns how much of it that was. Refuses what the library
// takes, and a proxy may read otherwise: lines that go on in the next one, and codings that leave
// no end of the body.
std::size_t parse(RequestParser& parser, std::string_view bytes, boost::system::error_code& error);

// Whose header section has been parsed: refers to the parser's fields.
HttpRequest request_of(const RequestParser& parser);

}  // namespace evently
