#include "api/http/fields.h"

#include <algorithm>
#include <cmath>

#include "api/http/json_body.h"
#include "extension/rules/limits.h"
#include "extension/texts/email.h"
#include "extension/texts/label.h"
#include "runtime/rfc3339.h"
#include "runtime/trimmed.h"

namespace evently {
namespace {

constexpr std::string_view blanks = " ";  // as the database's btrim
constexpr int unknown_named_max = 20;

std::string sentence_of(LabelFault fault, bool may_be_empty) {
  switch (fault) {
    case LabelFault::none:
      break;
    case LabelFault::length:
      return "must have " + std::string(may_be_empty ? "at most " : "1 to ") +
             std::to_string(label_characters_max) + " characters";
    case LabelFault::control_character:
      return "must not contain control characters";
    case LabelFault::edge:
      return "must begin and end with what shows, not with white space or format characters";
  }
  return "";
}

// As JSON Schema has it: 1.0 and 1e3 are whole. Not where a double would have been rounded.
std::optional<std::int64_t> whole_number(const nlohmann::json& value) {
  constexpr double exact_max = 9'007'199'254'740'991;
  if (value.is_number_float()) {
    const double number = value.get<double>();
    if (std::abs(number) > exact_max || number != std::trunc(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
  }
  // Beyond int64 the parser makes it unsigned, or a float.
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(id_max)
                        : value.is_number_integer();
  return fits ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

}  // namespace

void FieldErrors::add_unknown(std::string name, const char* message) {
  if (unknown_++ < unknown_named_max) add(std::move(name), message);
}

void FieldErrors::refuse_if_any() const {
  if (errors_.empty()) return;
  throw Refused(invalid_request(errors_.size() == 1
                                    ? "One field is wrong: " + errors_[0].field + "."
                                    : std::to_string(errors_.size()) + " fields are wrong.",
                                errors_));
}

std::string email_of(std::string_view given, const char* field, FieldErrors& errors) {
  const auto stored = stored_email(trimmed(given, blanks));
  if (stored) return std::string(stored->text());
  errors.add(field, "must have the form name@domain, at most " +
                        std::to_string(email_characters_max) + " characters, all of which show");
  return "";
}

std::string out_of_bounds(std::int64_t min, std::int64_t max) {
  if (min == id_min && max == id_max) return "must be a whole number";
  return "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max);
}

Fields::Fields(const std::string& body, FieldErrors& errors)
    : object_(parse_object(body, body_error_)), errors_(errors) {
  if (broken()) errors_.add("body", body_error_);
}

bool Fields::has(const char* name) {
  known_.insert(name);
  return object_.contains(name);
}

void Fields::refuse_unknown() {
  for (const auto& [name, value] : object_.items()) {
    if (known_.count(name) == 0) errors_.add_unknown(name, "is no field of this request");
  }
}

bool Fields::require(const char* name) {
  if (has(name)) return true;
  if (!broken()) errors_.add(name, "is required");
  return false;
}

std::optional<std::int64_t> Fields::integer(const char* name, std::int64_t min, std::int64_t max) {
  if (!has(name)) return std::nullopt;
  const std::optional<std::int64_t> number = whole_number(object_[name]);
  if (number && *number >= min && *number <= max) return number;
  errors_.add(name, out_of_bounds(min, max));
  return std::nullopt;
}

std::int64_t Fields::required_integer(const char* name, std::int64_t min, std::int64_t max) {
  return require(name) ? integer(name, min, max).value_or(0) : 0;
}

std::optional<std::string> Fields::text(const char* name) {
  if (!has(name)) return std::nullopt;
  if (object_[name].is_string()) return object_[name].get<std::string>();
  errors_.add(name, "must be a string");
  return std::nullopt;
}

std::string Fields::required_text(const char* name) {
  return require(name) ? text(name).value_or("") : "";
}

std::optional<std::string> Fields::label(const char* name, bool may_be_empty) {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  const std::string_view label = trimmed(*given, blanks);
  if (label.empty() && may_be_empty) return "";
  const LabelFault fault = fault_of_label(label);
  if (fault == LabelFault::none) return std::string(label);
  errors_.add(name, sentence_of(fault, may_be_empty));
  return std::nullopt;
}

std::string Fields::required_label(const char* name) {
  return require(name) ? label(name, false).value_or("") : "";
}

std::string Fields::required_email(const char* name) {
  if (!require(name)) return "";
  const std::optional<std::string> given = text(name);
  return given ? email_of(*given, name, errors_) : "";
}

std::optional<std::string> Fields::time(const char* name) {
  const std::optional<std::string> given = text(name);
  if (!given) return std::nullopt;
  const std::optional<TimeUs> time = parse_rfc3339(*given);
  if (time) return format_rfc3339(*time);
  errors_.add(name,
              "must be a time with its offset from UTC, such as 2030-05-01T19:30:00Z, in the "
              "years 1970 to 9999");
  return std::nullopt;
}

std::string Fields::required_time(const char* name) {
  return require(name) ? time(name).value_or("") : "";
}

}  // namespace evently
