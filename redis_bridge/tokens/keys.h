#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evently {

inline std::string tokens_key(std::int64_t event_id) {
  return "event:" + std::to_string(event_id) + ":tokens";
}

// An event's id as it stands in keys, sets and notifications: positive, in decimal, nothing else.
inline std::optional<std::int64_t> parse_event_id(std::string_view text) {
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc() || rest != end || id < 1) return std::nullopt;
  return id;
}

}  // namespace evently
