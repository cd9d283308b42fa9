#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/guards.h"
#include "api/problem.h"
#include "api/request_head.h"
#include "api/trusted_proxies.h"
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
  check_refusal(check_head(head, target), target);
  for (const bool takes_body : {true, false}) {
    const auto refusal = check_body(head, method, takes_body, body_bytes_max);
    check_refusal(refusal, target);
    if (refusal) continue;
    promise(!head.has("Transfer-Encoding"), "a body has a length");
    promise(content_length(head).value_or(0) <= body_bytes_max, "a body is bounded");
    promise(!takes_body || content_length(head), "a body that is read has a length");
  }
  TrustedProxies proxies;
  proxies.add("10.0.0.0/8");
  const auto client = proxies.client_of("10.0.0.1", head.joined("X-Forwarded-For").value_or(""));
  promise(parse_ip(client).has_value(), "a client is known by an address");
}

}  // namespace evently
