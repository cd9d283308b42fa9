#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/etag.h"
#include "api/http/fields.h"
#include "api/http/json.h"
#include "api/http/message.h"
#include "api/http/request_context.h"

namespace evently {

// One request and its answer, as the steps of the pipeline and the endpoints see them.
class HttpCall {
 public:
  HttpCall(const HttpRequest& request, HttpAnswer& answer, RequestContext& context)
      : request_(request), answer_(answer), context_(context) {}

  RequestContext& context() { return context_; }
  const RequestContext& context() const { return context_; }
  const std::string& method() const { return request_.method; }
  const std::string& path() const { return request_.target.path; }  // as sent, without query
  const HttpRequest& request() const { return request_; }
  const std::string& peer() const { return request_.peer; }
  const std::string& body() const { return request_.body; }

  // As sent, nothing when the request has no such field.
  std::optional<std::string> header(const char* name) const;
  std::vector<std::string> header_values(const char* name) const;

  // If-Match or If-None-Match, nothing when it is absent.
  std::optional<EtagList> etags(const char* name, FieldErrors& errors) const;

  // The id in the path, the only parameter that a path of ours has.
  std::int64_t path_id(const char* name, FieldErrors& errors) const;
  std::int64_t limit(std::int64_t default_value, FieldErrors& errors) const;
  bool flag(const char* name, bool default_value, FieldErrors& errors) const;
  // A parameter of the query, decoded; nothing when it is absent, or an error.
  std::optional<std::string> query(const char* name, FieldErrors& errors) const;
  // The position in `after`: as many numbers as the list is ordered by.
  std::optional<std::vector<std::int64_t>> after(std::size_t count, FieldErrors& errors) const;

  void answer(int status, const Json& body);
  void answer(int status, std::string body, const char* content_type);
  // What was made, or what the same idempotency key had made before.
  void answer_created(bool replayed, std::string json);
  void answer_empty(int status);
  void answer(const Problem& problem);
  void set_header(const char* name, const std::string& value);
  // Beside others of that name.
  void add_header(const char* name, const std::string& value);
  bool has_answer_header(std::string_view name) const;
  // Where the thing is that was made, by its path here.
  void set_location(const std::string& path) { set_header("Location", context_.prefix + path); }
  // Link to the page after that position; other parameters of the query stay.
  void link_next(const std::vector<std::int64_t>& position);

  // Of the answer as far as it has come.
  int status() const { return answer_.status; }
  std::size_t answer_bytes() const { return answer_.body.size(); }

 private:
  const HttpRequest& request_;
  HttpAnswer& answer_;
  RequestContext& context_;
};

}  // namespace evently
