#include "api/http/guards.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace evently {
namespace {

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// "application/json; charset=utf-8" and "application/problem+json" are JSON; the parser itself
// insists on UTF-8.
bool is_json_type(const std::string& content_type) {
  std::string type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  type = lower_case(std::move(type));
  if (type == "application/json") return true;
  constexpr std::string_view tree = "application/";
  constexpr std::string_view suffix = "+json";
  return type.size() > tree.size() + suffix.size() && type.compare(0, tree.size(), tree) == 0 &&
         type.compare(type.size() - suffix.size(), suffix.size(), suffix) == 0;
}

// A request without the name of a host, or with two, reaches another site behind some proxies.
bool names_one_host(const HttpRequest& request) {
  const std::vector<std::string> hosts = request.head.values("Host");
  if (hosts.empty()) return request.version == 10;
  return hosts.size() == 1 && (hosts[0].empty() || is_authority(hosts[0]));
}

}  // namespace

std::optional<Problem> check_head(const HttpRequest& request) {
  if (request.target.path.size() > path_bytes_max) return uri_too_long(path_bytes_max);
  if (request.head.field_count() > header_fields_max) return header_too_large();
  if (!is_known_method(request.method)) return not_implemented("No path answers this method.");
  if (!request.target.well_formed) return invalid_request("The URL is malformed.");
  if (!names_one_host(request)) {
    return invalid_request("The field Host must be there once, with the name of a host.");
  }
  return std::nullopt;
}

std::optional<Problem> check_body(const HttpRequest& request, bool takes_body,
                                  std::size_t body_bytes_max) {
  const RequestHead& head = request.head;
  const bool is_chunked = head.has("Transfer-Encoding");
  if (is_chunked && request.version == 10) {
    return invalid_request("HTTP/1.0 has no Transfer-Encoding.");
  }
  if (is_chunked && lower_case(*head.joined("Transfer-Encoding")) != "chunked") {
    return not_implemented("Of the transfer codings only chunked is read.");
  }
  if (head.has("Content-Encoding")) {
    return unsupported_media_type("Compressed bodies are not read: leave out Content-Encoding.");
  }
  const std::optional<std::size_t> length = content_length(head);
  if (head.has("Content-Length") && !length) {
    return invalid_request("Content-Length must be given once, as a plain number.");
  }
  if (!is_chunked && !length) {
    if (!takes_body) return std::nullopt;
    return length_required();
  }
  const bool is_empty = !is_chunked && *length == 0;
  if (is_empty) return std::nullopt;
  if (!takes_body && request.method != "POST" && request.method != "PUT") {
    return invalid_request("A " + request.method + " request has no body here.");
  }
  if (!is_chunked && *length > body_bytes_max) return payload_too_large(body_bytes_max);
  if (!is_json_type(head.joined("Content-Type").value_or(""))) {
    return unsupported_media_type("Send the body as application/json.");
  }
  return std::nullopt;
}

bool is_known_method(std::string_view method) {
  constexpr std::array<std::string_view, 7> known = {"GET",    "HEAD",  "POST",   "PUT",
                                                     "DELETE", "PATCH", "OPTIONS"};
  return std::find(known.begin(), known.end(), method) != known.end();
}

}  // namespace evently
