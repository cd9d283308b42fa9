#include "api/http/guards.h"

#include <algorithm>
#include <cctype>

namespace evently {
namespace {

// "application/json; charset=utf-8" and "application/problem+json" are JSON; the parser itself
// insists on UTF-8.
bool is_json_type(const std::string& content_type) {
  std::string type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (type == "application/json") return true;
  constexpr std::string_view tree = "application/";
  constexpr std::string_view suffix = "+json";
  return type.size() > tree.size() + suffix.size() && type.compare(0, tree.size(), tree) == 0 &&
         type.compare(type.size() - suffix.size(), suffix.size(), suffix) == 0;
}

}  // namespace

std::optional<Problem> check_head(const RequestHead& head, std::string_view target) {
  if (target.substr(0, target.find('?')).size() > path_bytes_max) {
    return uri_too_long(path_bytes_max);
  }
  if (head.field_count() > header_fields_max) return header_too_large();
  if (!head.well_formed()) return invalid_request("The header section is malformed.");
  // Ranges multiply: a thousand of them inflate a small answer ten thousandfold.
  if (head.has("Range")) return invalid_request("Ranges are not served: leave out Range.");
  return std::nullopt;
}

std::optional<Problem> check_body(const RequestHead& head, std::string_view method, bool takes_body,
                                  std::size_t body_bytes_max) {
  // A length limit holds only for what has a length: chunked and compressed bodies go round it.
  if (head.has("Transfer-Encoding")) return length_required();
  if (head.has("Content-Encoding")) {
    return unsupported_media_type("Compressed bodies are not read: leave out Content-Encoding.");
  }
  const std::optional<std::size_t> length = content_length(head);
  if (!length && head.has("Content-Length")) {
    return invalid_request("Content-Length must be given once, as a plain number.");
  }
  if (!takes_body) {
    if (length.value_or(0) == 0) return std::nullopt;
    if (method != "POST" && method != "PUT") {
      return invalid_request("A " + std::string(method) + " request has no body here.");
    }
  } else if (!length) {
    return length_required();
  }
  if (*length > body_bytes_max) return payload_too_large(body_bytes_max);
  const std::optional<std::string> type = head.joined("Content-Type");
  if (*length > 0 && !is_json_type(type.value_or(""))) {
    return unsupported_media_type("Send the body as application/json.");
  }
  return std::nullopt;
}

bool may_have_body(const RequestHead& head) {
  return head.has("Transfer-Encoding") ||
         (head.has("Content-Length") && content_length(head) != std::size_t{0});
}

}  // namespace evently
