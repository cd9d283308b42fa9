#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace evently {

// The whole text as one number in decimal: nothing round it, no plus sign. nullopt for all else,
// and for what the type cannot hold.
template <class Integer = std::int64_t>
std::optional<Integer> parse_integer(std::string_view text) {
  Integer number = 0;
  // cppcheck takes the view of a caller's string for one of a string that is gone.
  // cppcheck-suppress invalidLifetime
  const char* const end = text.data() + text.size();
  // cppcheck-suppress invalidLifetime
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

// An id as the database gives it: above zero.
inline std::optional<std::int64_t> parse_id(std::string_view text) {
  const auto id = parse_integer(text);
  return id && *id > 0 ? id : std::nullopt;
}

}  // namespace evently
