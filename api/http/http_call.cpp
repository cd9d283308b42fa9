#include "api/http/http_call.h"

#include <strings.h>

#include <algorithm>

#include "api/http/cursor.h"
#include "api/http/problem.h"
#include "runtime/integers.h"

namespace evently {
namespace {

constexpr std::int64_t page_size_max = 1000;

bool is_whole_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> HttpCall::header(const char* name) const {
  return request_.head.joined(name);
}

std::vector<std::string> HttpCall::header_values(const char* name) const {
  return request_.head.values(name);
}

std::optional<EtagList> HttpCall::etags(const char* name, FieldErrors& errors) const {
  const auto value = header(name);
  if (!value) return std::nullopt;
  auto list = parse_etags(*value);
  if (!list) errors.add(name, "must be * or a list of entity tags");
  return list;
}

std::int64_t HttpCall::path_id(const char* name, FieldErrors& errors) const {
  const std::string& text = context_.match.parameters.at(0);
  const std::optional<std::int64_t> id = parse_integer(text);
  if (id) return *id;
  // A number that no row can have is an id that no row has.
  if (is_whole_number(text)) return id_min;
  errors.add(name, out_of_bounds(id_min, id_max));
  return 0;
}

std::optional<std::string> HttpCall::query(const char* name, FieldErrors& errors) const {
  std::optional<std::string> found;
  for (const auto& [given, value] : request_.target.query) {
    if (given != name) continue;
    if (found) {
      errors.add(name, "is given more than once");
      return std::nullopt;
    }
    found = value;
  }
  return found;
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
  if (strcasecmp(given->c_str(), "true") == 0 || *given == "1") return true;
  if (strcasecmp(given->c_str(), "false") == 0 || *given == "0") return false;
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
  answer_.status = status;
  answer_.body = std::move(body);
  set_header("Content-Type", content_type);
}

void HttpCall::answer_created(bool replayed, std::string json) {
  if (replayed) set_header("Idempotency-Replayed", "true");
  answer(replayed ? 200 : 201, std::move(json), json_content_type);
}

void HttpCall::answer_empty(int status) {
  answer_.status = status;
}

void HttpCall::answer(const Problem& problem) {
  context_.problem_code = problem.code;
  // Whatever an endpoint had prepared before it failed is void.
  answer_.headers.clear();
  for (const auto& [name, value] : problem.headers) set_header(name.c_str(), value);
  answer(problem.status, problem_json(problem, path(), context_.request_id),
         "application/problem+json");
}

void HttpCall::set_header(const char* name, const std::string& value) {
  std::erase_if(answer_.headers, [name](const auto& header) { return header.first == name; });
  add_header(name, value);
}

void HttpCall::add_header(const char* name, const std::string& value) {
  answer_.headers.emplace_back(name, value);
}

bool HttpCall::has_answer_header(std::string_view name) const {
  return std::any_of(answer_.headers.begin(), answer_.headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

void HttpCall::link_next(const std::vector<std::int64_t>& position) {
  std::string url = context_.prefix + path() + '?';
  for (const auto& [name, value] : request_.target.query) {
    if (name != "after") url += percent_encoded(name) + '=' + percent_encoded(value) + '&';
  }
  set_header("Link", '<' + url + "after=" + encode_cursor(position) + ">; rel=\"next\"");
}

}  // namespace evently
