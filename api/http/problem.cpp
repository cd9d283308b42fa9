#include "api/http/problem.h"

#include "extension/rules/errors.h"
#include "runtime/json_text.h"

namespace evently {
namespace {

std::string errors_json(const std::vector<FieldError>& errors) {
  std::string array;
  for (const FieldError& error : errors) {
    array += array.empty() ? '[' : ',';
    array += JsonText().text("field", error.field).text("message", error.message).finish();
  }
  return array + ']';
}

}  // namespace

std::string problem_json(const Problem& problem, const std::string& instance,
                         const std::string& request_id) {
  JsonText body;
  body.text("type", "urn:evently:problem:" + problem.code)
      .text("title", problem.title)
      .number("status", problem.status)
      .text("detail", problem.detail)
      .text("instance", instance)  // what the client sent, so it may hold any bytes
      .text("code", problem.code)
      .text("request_id", request_id);
  if (!problem.errors.empty()) body.json("errors", errors_json(problem.errors));
  return body.finish();
}

Problem invalid_request(std::string detail, std::vector<FieldError> errors) {
  const BusinessError& error = error_of(Refusal::invalid_request);
  return {error.http_status, error.code, error.message, std::move(detail), std::move(errors), {}};
}

Problem admin_key_required() {
  return {401,
          "admin-key-required",
          "admin key required",
          "Send the admin key in the header X-Admin-Key.",
          {},
          {{"WWW-Authenticate", "X-Admin-Key realm=\"evently\""}}};
}

Problem not_found() {
  return {404, "not-found", "no such path", "Nothing is served at this path.", {}, {}};
}

Problem method_not_allowed(const std::string& allow) {
  return {405, "method-not-allowed", "method not allowed", "This path answers " + allow + ".",
          {},  {{"Allow", allow}}};
}

Problem request_timeout() {
  return {408,
          "request-timeout",
          "request took too long to arrive",
          "The request did not arrive in time.",
          {},
          {}};
}

Problem still_referenced() {
  return {409,
          "still-referenced",
          "still referenced",
          "Rows of another table refer to it: remove them first.",
          {},
          {}};
}

Problem precondition_failed(std::string detail) {
  return {412, "precondition-failed", "precondition failed", std::move(detail), {}, {}};
}

Problem length_required() {
  return {411,
          "length-required",
          "Content-Length required",
          "Send the body's length in the header Content-Length, or the body in chunks.",
          {},
          {}};
}

Problem payload_too_large(std::size_t bytes_max) {
  return {413,
          "payload-too-large",
          "body too large",
          "The body may have at most " + std::to_string(bytes_max) + " bytes.",
          {},
          {}};
}

Problem uri_too_long(std::size_t bytes_max) {
  return {414,
          "uri-too-long",
          "path too long",
          "The path may have at most " + std::to_string(bytes_max) + " bytes.",
          {},
          {}};
}

Problem unsupported_media_type(std::string detail) {
  return {415, "unsupported-media-type", "unsupported media type", std::move(detail), {}, {}};
}

Problem header_too_large() {
  return {431,
          "header-too-large",
          "header too large",
          "The request has too many header fields, or too long ones.",
          {},
          {}};
}

Problem too_many_requests(std::string detail, std::int64_t wait_s) {
  return {429,
          "too-many-requests",
          "too many requests",
          std::move(detail),
          {},
          {{"Retry-After", std::to_string(wait_s)}}};
}

Problem internal_error() {
  return {500,
          "internal",
          "internal error",
          "Something failed here. The request id finds it in the service's log.",
          {},
          {}};
}

Problem not_implemented(std::string detail) {
  return {501, "not-implemented", "not implemented", std::move(detail), {}, {}};
}

Problem busy() {
  return {503,
          "busy",
          "too much contention",
          "Others are changing the same rows. Send the request again shortly.",
          {},
          {{"Retry-After", "1"}}};
}

Problem unavailable() {
  return {
      503,
      "unavailable",
      "database unavailable",
      "The database did not answer. Sent again with its idempotency key a booking is made at most "
      "once; without a key look at the user's bookings first.",
      {},
      {{"Retry-After", "1"}}};
}

}  // namespace evently
