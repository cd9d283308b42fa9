#pragma once

#include <httplib.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/http/fields.h"
#include "api/http/request_context.h"

namespace evently {

using Json = nlohmann::ordered_json;  // answers keep the order in which they are written

std::string json_text(const Json& body);
// The charset keeps the library from compressing, which costs more than it saves.
inline constexpr const char* json_content_type = "application/json; charset=utf-8";

// One request and its answer, as a handler sees them.
class HttpCall {
 public:
  HttpCall(const httplib::Request& request, httplib::Response& response, RequestContext& context)
      : request_(request), response_(response), context_(context) {}

  RequestContext& context() { return context_; }
  std::vector<std::string>& statement_ids() { return context_.statement_ids; }
  const std::string& body() const { return request_.body; }

  // As sent, nothing when the request has no such field.
  std::optional<std::string> header(const char* name) const;
  std::vector<std::string> header_values(const char* name) const;

  // The id in the path, the only parameter that a path of ours has.
  std::int64_t path_id(const char* name, FieldErrors& errors) const;
  std::int64_t limit(std::int64_t default_value, FieldErrors& errors) const;
  bool flag(const char* name, bool default_value, FieldErrors& errors) const;
  // The position in `after`: as many numbers as the list is ordered by.
  std::optional<std::vector<std::int64_t>> after(std::size_t count, FieldErrors& errors) const;

  void answer(int status, const Json& body);
  void answer(int status, std::string body, const char* content_type);
  void answer_empty(int status);
  void answer(const Problem& problem);
  void set_header(const char* name, const std::string& value);
  // Link to the page after that position; other parameters of the query stay.
  void link_next(const std::vector<std::int64_t>& position);

 private:
  std::optional<std::string> query(const char* name, FieldErrors& errors) const;

  const httplib::Request& request_;
  httplib::Response& response_;
  RequestContext& context_;
};

}  // namespace evently
