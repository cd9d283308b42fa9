#include "api/http/request_head.h"

#include <strings.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/integers.h"
#include "runtime/trimmed.h"

namespace evently {
namespace {

bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

// Control characters other than the tab have no place in a value.
bool is_field_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

}  // namespace

RequestHead::RequestHead(std::string_view text) {
  parse(text);
}

void RequestHead::parse(std::string_view text) {
  bool is_request_line = true;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || end == 0 || text[end - 1] != '\r') {
      well_formed_ = false;
      return;
    }
    const std::string_view line = text.substr(0, end - 1);
    text.remove_prefix(end + 1);
    if (is_request_line) {
      is_request_line = false;
      continue;
    }
    if (line.empty()) return;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
        !is_field_value(line.substr(colon + 1))) {
      well_formed_ = false;
      continue;
    }
    fields_.push_back({line.substr(0, colon), trimmed(line.substr(colon + 1), " \t")});
  }
  well_formed_ = false;  // the empty line never came
}

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
