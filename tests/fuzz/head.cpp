#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/access/trusted_proxies.h"
#include "api/http/guards.h"
#include "api/http/problem.h"
#include "api/http/request_head.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/parsed_request.h"

namespace evently {
namespace {

constexpr std::size_t body_bytes_max = 65536;

void check_refusal(const std::optional<Problem>& problem, std::string_view path) {
  if (!problem) return;
  promise((problem->status >= 400 && problem->status < 500) || problem->status == 501,
          "a guard blames the client");
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

void check_accepted_head(const HttpRequest& request) {
  promise(request.head.field_count() <= header_fields_max, "a head is bounded");
  promise(request.target.path.size() <= path_bytes_max, "a path is bounded");
  promise(is_known_method(request.method), "a method is known");
  const std::size_t hosts = request.head.values("Host").size();
  promise(hosts == 1 || (hosts == 0 && request.version == 10), "a request names one host");
  promise(request.target.path.starts_with('/') || request.target.path == "*", "a path is absolute");
}

void check_accepted_body(const HttpRequest& request, bool takes_body, bool is_chunked) {
  const RequestHead& head = request.head;
  promise(is_chunked == head.has("Transfer-Encoding"),
          "the parser reads chunks where we expect them");
  promise(!is_chunked || !head.has("Content-Length"), "a body has one end");
  promise(!head.has("Content-Encoding"), "a body is as it is");
  const auto length = content_length(head);
  promise(!head.has("Content-Length") || length, "a length that is given is a number");
  promise(length.value_or(0) <= body_bytes_max, "a body is bounded");
  promise(!takes_body || length || is_chunked, "a body that is read has an end");
  if (!is_chunked && length.value_or(0) == 0) return;
  promise(takes_body || request.method == "POST" || request.method == "PUT",
          "no body comes where none belongs");
  const std::string type = head.joined("Content-Type").value_or("");
  promise(type.find_first_of("jJ") != std::string::npos, "a body is JSON");
}

void check_length(const RequestHead& head) {
  const auto length = content_length(head);
  if (!length) return;
  const auto values = head.values("Content-Length");
  promise(values.size() == 1, "a length is given once");
  const std::string digits = std::to_string(*length);
  const std::size_t zeros = values[0].size() - std::min(values[0].size(), digits.size());
  promise(values[0] == std::string(zeros, '0') + digits, "a length is what was sent");
}

}  // namespace

void fuzz_head(std::string_view input) {
  const ParsedRequest parsed(input);
  if (!parsed.well_formed) return;
  const HttpRequest& request = parsed.request;
  const RequestHead& head = request.head;
  for (const char* name : {"Content-Length", "Content-Type", "Idempotency-Key", "If-Match",
                           "Transfer-Encoding", "X-Forwarded-For"}) {
    check_values(head, name);
  }
  const auto objection = check_head(request);
  check_refusal(objection, request.target.path);
  if (!objection) check_accepted_head(request);
  check_length(head);
  for (const bool takes_body : {true, false}) {
    const auto refusal = check_body(request, takes_body, body_bytes_max);
    check_refusal(refusal, request.target.path);
    if (!refusal) check_accepted_body(request, takes_body, parsed.parser.chunked());
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
