#include "api/http/cursor.h"

#include <charconv>

namespace evently {
namespace {

constexpr int cursor_base = 36;  // short, and needs no escape in a URL

}  // namespace

std::string encode_cursor(const std::vector<std::int64_t>& position) {
  std::string word;
  for (const std::int64_t number : position) {
    if (!word.empty()) word += '.';
    char digits[20];
    word.append(digits, std::to_chars(digits, digits + sizeof digits, number, cursor_base).ptr);
  }
  return word;
}

std::optional<std::vector<std::int64_t>> decode_cursor(std::string_view word, std::size_t count) {
  std::vector<std::int64_t> position;
  const char* next = word.data();
  const char* const end = next + word.size();
  while (position.size() < count) {
    if (!position.empty()) {
      if (next == end || *next != '.') return std::nullopt;
      ++next;
    }
    std::int64_t number = -1;
    const auto [stop, fault] = std::from_chars(next, end, number, cursor_base);
    if (fault != std::errc() || number < 0) return std::nullopt;
    position.push_back(number);
    next = stop;
  }
  // Only the one spelling that we hand out: no capitals, no zeros in front.
  if (next != end || encode_cursor(position) != word) return std::nullopt;
  return position;
}

}  // namespace evently
