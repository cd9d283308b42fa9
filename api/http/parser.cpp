#include "api/http/parser.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace evently {
namespace {

namespace http = boost::beast::http;

bool has_folded_line(std::string_view head) {
  return head.find("\r\n ") != std::string_view::npos ||
         head.find("\r\n\t") != std::string_view::npos;
}

}  // namespace

std::size_t parse(RequestParser& parser, std::string_view bytes, boost::system::error_code& error) {
  const bool in_head = !parser.is_header_done();
  const std::size_t used = parser.put(boost::asio::buffer(bytes), error);
  if (!in_head) return used;
  // The library takes the section in parts, and has a limit for each.
  parser.head_bytes += used;
  if (parser.head_bytes > head_bytes_max) {
    error = http::error::header_limit;
  } else if (has_folded_line(bytes.substr(0, used))) {
    error = http::error::bad_value;
  } else if (parser.is_header_done() && !parser.chunked() &&
             parser.get().count(http::field::transfer_encoding) > 0) {
    error = http::error::bad_transfer_encoding;
  }
  return used;
}

HttpRequest request_of(const RequestParser& parser) {
  const auto& head = parser.get();
  HttpRequest request;
  request.version = static_cast<int>(head.version());
  request.method = head.method_string();
  request.target = parse_target(head.target());
  for (const auto& field : head) request.head.add(field.name_string(), field.value());
  return request;
}

}  // namespace evently
