#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace evently {

struct FieldError {
  std::string field;
  std::string message;
};

// A refusal as the client sees it: the members of RFC 9457's problem+json, with the headers that
// belong to it. The URL and the request id are added where it is sent.
struct Problem {
  int status = 500;
  std::string code;    // what clients match on
  std::string title;   // the same for every problem of the code
  std::string detail;  // a sentence about this one
  std::vector<FieldError> errors;
  std::vector<std::pair<std::string, std::string>> headers;
};

// Ends a request with that problem.
class Refused : public std::exception {
 public:
  explicit Refused(Problem problem) : problem_(std::move(problem)) {}
  const char* what() const noexcept override { return problem_.code.c_str(); }
  const Problem& problem() const { return problem_; }

 private:
  Problem problem_;
};

std::string problem_json(const Problem& problem, const std::string& instance,
                         const std::string& request_id);

// The problems of HTTP itself; those of booking stand in extension/rules/errors.h.
Problem invalid_request(std::string detail, std::vector<FieldError> errors = {});
Problem admin_key_required();
Problem not_found();
Problem method_not_allowed(const std::string& allow);
Problem request_timeout();
Problem still_referenced();
Problem length_required();
Problem precondition_failed(std::string detail);
Problem payload_too_large(std::size_t bytes_max);
Problem uri_too_long(std::size_t bytes_max);
Problem unsupported_media_type(std::string detail);
Problem header_too_large();
Problem too_many_requests(std::string detail, std::int64_t wait_s);
Problem internal_error();
Problem not_implemented(std::string detail);
Problem busy();
Problem unavailable();

}  // namespace evently
