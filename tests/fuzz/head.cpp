#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/access/trusted_proxies.h"
#include "api/http/guards.h"
#include "api/http/problem.h"
#include "api/http/request_head.h"
#include "tests/fuzz/fuzz.h"

namespace evently {
namespace {

constexpr std::size_t body_bytes_max = 65536;

void check_refusal(const std::optional<Problem>& problem, std::string_view path) {
  if (!problem) return;
  promise(problem->status >= 400 && problem->status < 500, "a guard blames the client");
  const auto body =
      nlohmann::json::parse(problem_json(*problem, std::string(path), "id"), nullptr, false);
  promise(body.is_object() && body["status"] == problem->status, "a refusal is JSON");
}

void check_values(const RequestHead& head, const char* name) {
  const auto values = head.values(name);
  promise(values.empty() != head.has(name), "what is there has values");
  promise(head.joined(name).has_value() == head.has(name), "what is there can be joined");
  for (const std::string& value : values) {
    promise(std::none_of(value.begin(), value.end(),
                         [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }),
            "no value has control characters");
    promise(value.empty() || (value.front() != ' ' && value.back() != ' '), "values are trimmed");
  }
}

// The lines of the section once more: each ends as it must, and begins with a name.
bool has_plain_lines(std::string_view text) {
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return false;
  std::string_view fields = text.substr(0, end + 2);
  fields.remove_prefix(fields.find("\r\n") + 2);
  while (!fields.empty()) {
    const std::string_view line = fields.substr(0, fields.find("\r\n"));
    if (line.find_first_of("\r\n") != std::string_view::npos) return false;
    if (line.find_first_of(" \t:") != line.find(':') || line.starts_with(':')) return false;
    if (line.find(':') == std::string_view::npos) return false;
    fields.remove_prefix(line.size() + 2);
  }
  return true;
}

void check_accepted_head(const RequestHead& head, std::string_view input, std::string_view target) {
  promise(head.well_formed() && has_plain_lines(input), "a head has plain lines only");
  promise(head.field_count() <= header_fields_max, "a head is bounded");
  promise(target.substr(0, target.find('?')).size() <= path_bytes_max, "a path is bounded");
  promise(!head.has("Range"), "no range is served");
}

void check_accepted_body(const RequestHead& head, std::string_view method, bool takes_body) {
  promise(!head.has("Transfer-Encoding"), "a body has a length");
  promise(!head.has("Content-Encoding"), "a body is as it is");
  const auto length = content_length(head);
  promise(!head.has("Content-Length") || length, "a length that is given is a number");
  promise(length.value_or(0) <= body_bytes_max, "a body is bounded");
  promise(!takes_body || length, "a body that is read has a length");
  if (length.value_or(0) == 0) return;
  promise(takes_body || method == "POST" || method == "PUT", "no body comes where none belongs");
  const std::string type = head.joined("Content-Type").value_or("");
  promise(type.find_first_of("jJ") != std::string::npos, "a body is JSON");
}

void check_length(const RequestHead& head) {
  const auto length = content_length(head);
  promise(may_have_body(head) || (!head.has("Transfer-Encoding") && length.value_or(0) == 0),
          "what may have a body is known to");
  if (!length) return;
  const auto values = head.values("Content-Length");
  promise(values.size() == 1, "a length is given once");
  const std::string digits = std::to_string(*length);
  const std::size_t zeros = values[0].size() - std::min(values[0].size(), digits.size());
  promise(values[0] == std::string(zeros, '0') + digits, "a length is what was sent");
}

}  // namespace

void fuzz_head(std::string_view input) {
  const RequestHead head(input);
  for (const char* name : {"Content-Length", "Content-Type", "Idempotency-Key", "If-Match",
                           "Transfer-Encoding", "X-Forwarded-For"}) {
    check_values(head, name);
  }
  const std::string_view method = input.substr(0, input.find(' '));
  const std::string_view target =
      input.substr(std::min(input.size(), method.size() + 1)).substr(0, 2000);
  const auto objection = check_head(head, target);
  check_refusal(objection, target);
  if (!objection) check_accepted_head(head, input, target);
  check_length(head);
  for (const bool takes_body : {true, false}) {
    const auto refusal = check_body(head, method, takes_body, body_bytes_max);
    check_refusal(refusal, target);
    if (!refusal) check_accepted_body(head, method, takes_body);
  }
  TrustedProxies proxies;
  proxies.add("10.0.0.0/8");
  const std::string forwarded = head.joined("X-Forwarded-For").value_or("");
  promise(parse_ip(proxies.client_of("10.0.0.1", forwarded)).has_value(),
          "a client is known by an address");
  promise(proxies.client_of("192.0.2.1", forwarded) == "192.0.2.1",
          "an address that is no trusted proxy is the client itself");
}

}  // namespace evently
