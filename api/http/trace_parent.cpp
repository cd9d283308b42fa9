#include "api/http/trace_parent.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace evently {
namespace {

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// As an id it stands for none.
bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

TraceParent trace_parent_of(const RequestHead& head) {
  // version "-" trace-id "-" parent-id "-" flags; later versions may go on behind another hyphen.
  constexpr std::size_t length = 2 + 1 + 32 + 1 + 16 + 1 + 2;
  const std::vector<std::string> fields = head.values("traceparent");
  if (fields.size() != 1 || fields[0].size() < length) return {};
  const std::string_view field = fields[0];
  const std::string_view version = field.substr(0, 2);
  const std::string_view trace_id = field.substr(3, 32);
  const std::string_view parent_id = field.substr(36, 16);
  const std::string_view flags = field.substr(53, 2);
  const bool ends = field.size() == length || (version != "00" && field[length] == '-');
  if (!ends || field[2] != '-' || field[35] != '-' || field[52] != '-') return {};
  if (!is_hex(version) || version == "ff" || !is_hex(flags)) return {};
  if (!is_hex(trace_id) || is_zero(trace_id) || !is_hex(parent_id) || is_zero(parent_id)) return {};
  return {std::string(trace_id), std::string(parent_id)};
}

}  // namespace evently
