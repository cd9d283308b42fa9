#include "api/http/http_call.h"

#include "api/http/cursor.h"
#include "api/http/problem.h"
#include "runtime/integers.h"

namespace evently {
namespace {

constexpr std::int64_t page_size_max = 1000;

std::string percent_encoded(const std::string& text) {
  constexpr char digits[] = "0123456789ABCDEF";
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (unreserved.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[static_cast<unsigned char>(c) >> 4];
      encoded += digits[static_cast<unsigned char>(c) & 0x0f];
    }
  }
  return encoded;
}

}  // namespace

std::optional<std::string> HttpCall::header(const char* name) const {
  return context_.head->joined(name);
}

std::vector<std::string> HttpCall::header_values(const char* name) const {
  return context_.head->values(name);
}

std::int64_t HttpCall::path_id(const char* name, FieldErrors& errors) const {
  const std::optional<std::int64_t> id = parse_integer(context_.match.parameters.at(0));
  if (!id) errors.add(name, out_of_bounds(id_min, id_max));
  return id.value_or(0);
}

std::optional<std::string> HttpCall::query(const char* name, FieldErrors& errors) const {
  const auto [first, last] = request_.params.equal_range(name);
  if (first == last) return std::nullopt;
  if (std::next(first) != last) {
    errors.add(name, "is given more than once");
    return std::nullopt;
  }
  return first->second;
}

std::int64_t HttpCall::limit(std::int64_t default_value, FieldErrors& errors) const {
  const std::optional<std::string> given = query("limit", errors);
  if (!given) return default_value;
  const std::optional<std::int64_t> limit = parse_integer(*given);
  if (limit && *limit >= 1 && *limit <= page_size_max) return *limit;
  errors.add("limit", out_of_bounds(1, page_size_max));
  return default_value;
}

bool HttpCall::flag(const char* name, bool default_value, FieldErrors& errors) const {
  const std::optional<std::string> given = query(name, errors);
  if (!given) return default_value;
  if (*given == "true" || *given == "1") return true;
  if (*given == "false" || *given == "0") return false;
  errors.add(name, "must be true or false");
  return default_value;
}

std::optional<std::vector<std::int64_t>> HttpCall::after(std::size_t count,
                                                         FieldErrors& errors) const {
  const std::optional<std::string> given = query("after", errors);
  if (!given) return std::nullopt;
  auto position = decode_cursor(*given, count);
  if (!position) errors.add("after", "must come from the Link header of the page before");
  return position;
}

void HttpCall::answer(int status, const Json& body) {
  answer(status, json_text(body), json_content_type);
}

void HttpCall::answer(int status, std::string body, const char* content_type) {
  context_.answered = true;
  response_.status = status;
  response_.body = std::move(body);
  response_.set_header("Content-Type", content_type);
}

void HttpCall::answer_empty(int status) {
  context_.answered = true;
  response_.status = status;
}

void HttpCall::answer(const Problem& problem) {
  context_.problem_code = problem.code;
  // Whatever an endpoint had prepared before it failed is void.
  response_.headers.clear();
  for (const auto& [name, value] : problem.headers) set_header(name.c_str(), value);
  answer(problem.status, problem_json(problem, context_.path, context_.request_id),
         "application/problem+json");
}

void HttpCall::set_header(const char* name, const std::string& value) {
  response_.headers.erase(name);
  response_.set_header(name, value);
}

void HttpCall::add_header(const char* name, const std::string& value) {
  response_.set_header(name, value);
}

void HttpCall::link_next(const std::vector<std::int64_t>& position) {
  std::string url = context_.path + '?';
  for (const auto& [name, value] : request_.params) {
    if (name != "after") url += percent_encoded(name) + '=' + percent_encoded(value) + '&';
  }
  set_header("Link", '<' + url + "after=" + encode_cursor(position) + ">; rel=\"next\"");
}

}  // namespace evently
