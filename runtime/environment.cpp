#include "runtime/environment.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "runtime/integers.h"
#include "runtime/trimmed.h"

namespace evently {

Environment::Environment(Getter getter) : getter_(std::move(getter)) {}

std::string Environment::text(const char* name, std::string default_value) {
  const char* value = getter_(name);
  if (value == nullptr || *value == '\0') return default_value;
  return value;
}

std::string Environment::required(const char* name) {
  std::string value = text(name, "");
  if (value.empty()) add_error(name, "must be set");
  return value;
}

int Environment::integer(const char* name, int default_value, int min, int max) {
  const std::string value = text(name, "");
  if (value.empty()) return default_value;
  const std::optional<int> number = parse_integer<int>(value);
  if (!number || *number < min || *number > max) {
    add_error(name, "must be a whole number from " + std::to_string(min) + " to " +
                        std::to_string(max) + ", not '" + value + "'");
    return default_value;
  }
  return *number;
}

bool Environment::flag(const char* name, bool default_value) {
  const std::string value = text(name, default_value ? "on" : "off");
  if (value != "on" && value != "off") add_error(name, "must be on or off, not '" + value + "'");
  return value == "on";
}

std::vector<std::string> Environment::list(const char* name) {
  const std::string value = text(name, "");
  std::vector<std::string> items;
  std::size_t begin = 0;
  while (begin <= value.size()) {
    const std::size_t comma = std::min(value.find(',', begin), value.size());
    const std::string_view item =
        trimmed(std::string_view(value).substr(begin, comma - begin), " \t\r\n");
    if (!item.empty()) items.emplace_back(item);
    begin = comma + 1;
  }
  return items;
}

void Environment::add_error(const char* name, const std::string& what) {
  errors_.push_back(std::string(name) + ": " + what);
}

void exit_with_errors(const char* program, const ConfigErrors& errors) {
  for (const std::string& error : errors) {
    std::fprintf(stderr, "%s: %s\n", program, error.c_str());
  }
  std::exit(2);
}

}  // namespace evently
