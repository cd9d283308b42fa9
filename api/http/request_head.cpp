#include "api/http/request_head.h"

#include <strings.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/integers.h"

namespace evently {

bool RequestHead::Field::is(std::string_view wanted) const {
  return name.size() == wanted.size() &&
         strncasecmp(name.data(), wanted.data(), wanted.size()) == 0;
}

std::vector<std::string> RequestHead::values(std::string_view name) const {
  std::vector<std::string> values;
  for (const Field& field : fields_) {
    if (field.is(name)) values.emplace_back(field.value);
  }
  return values;
}

std::optional<std::string> RequestHead::joined(std::string_view name) const {
  std::optional<std::string> joined;
  for (const Field& field : fields_) {
    if (!field.is(name)) continue;
    if (joined) {
      joined->append(", ").append(field.value);
    } else {
      joined.emplace(field.value);
    }
  }
  return joined;
}

bool RequestHead::has(std::string_view name) const {
  return std::any_of(fields_.begin(), fields_.end(),
                     [name](const Field& field) { return field.is(name); });
}

std::optional<std::size_t> content_length(const RequestHead& head) {
  constexpr std::size_t digits_max = 18;  // more would overflow, and no body is that long
  const std::vector<std::string> values = head.values("Content-Length");
  if (values.size() != 1 || values[0].empty() || values[0].size() > digits_max) {
    return std::nullopt;
  }
  return parse_integer<std::size_t>(values[0]);
}

bool is_utf8_without_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  try {
    // The JSON writer is strict about UTF-8: surrogates and overlong forms fail too.
    nlohmann::json(std::string(text)).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace evently
