#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/problem.h"

namespace evently {

constexpr std::int64_t id_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t id_max = std::numeric_limits<std::int64_t>::max();

// Collects what is wrong with a request, so that the client hears of all of it at once.
class FieldErrors {
 public:
  void add(std::string field, std::string message) {
    errors_.push_back({std::move(field), std::move(message)});
  }
  // A field or parameter that the request does not have; of these the first 20 are named.
  void add_unknown(std::string name, const char* message);
  // Throws Refused (400) when there are any.
  void refuse_if_any() const;

 private:
  std::vector<FieldError> errors_;
  int unknown_ = 0;
};

// Reads the fields of a JSON body. Each reader adds an error and returns nothing when the field is
// there but wrong; `required_` ones also when it is not there.
class Fields {
 public:
  Fields(const std::string& body, FieldErrors& errors);

  // True when the field is given, be it null.
  bool has(const char* name);
  bool is_null(const char* name) { return has(name) && object_[name].is_null(); }
  // The body is no object at all, which is an error already.
  bool broken() const { return !body_error_.empty(); }

  std::optional<std::int64_t> integer(const char* name, std::int64_t min, std::int64_t max);
  std::int64_t required_integer(const char* name, std::int64_t min, std::int64_t max);

  std::optional<std::string> text(const char* name);
  std::string required_text(const char* name);

  // A name or venue as the database keeps it; blanks around it do not count. Empty ones pass
  // where the field may be cleared.
  std::optional<std::string> label(const char* name, bool may_be_empty);
  std::string required_label(const char* name);

  // As the database keeps it.
  std::string required_email(const char* name);

  // In RFC 3339, UTC.
  std::optional<std::string> time(const char* name);
  std::string required_time(const char* name);

  // Adds an error for each field that no reader has asked for: {"quantity": 5} must not book one
  // seat.
  void refuse_unknown();

 private:
  bool require(const char* name);

  std::string body_error_;  // before object_, whose making fills it
  nlohmann::json object_;
  std::set<std::string_view> known_;  // what readers have asked for
  FieldErrors& errors_;
};

// The address as it is stored; an error of that field, and nothing, when it is none.
std::string email_of(std::string_view given, const char* field, FieldErrors& errors);

std::string out_of_bounds(std::int64_t min, std::int64_t max);

}  // namespace evently
