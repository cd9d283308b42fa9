#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "api/http/message.h"

namespace evently {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;

// Bounds the header section; check_body() says better what is wrong with a length.
constexpr std::size_t head_bytes_max = 32'768;
void prepare(RequestParser& parser);

// Parses what `bytes` has of the request; returns how much of it that was. Refuses lines that go on
// in the next one, which some proxies take for fields of their own.
std::size_t parse(RequestParser& parser, std::string_view bytes, boost::system::error_code& error);

// Whose header section has been parsed: refers to the parser's fields.
HttpRequest request_of(const RequestParser& parser, const std::string& peer);

}  // namespace evently
