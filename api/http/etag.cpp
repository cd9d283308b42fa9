#include "api/http/etag.h"

#include <algorithm>
#include <charconv>

namespace evently {
namespace {

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

}  // namespace

std::string event_etag(std::int64_t details_version, std::int64_t version) {
  return '"' + std::to_string(details_version) + '-' + std::to_string(version) + '"';
}

std::optional<EtagList> parse_etags(std::string_view value) {
  EtagList list;
  skip_blanks(value);
  if (value == "*") {
    list.any = true;
    return list;
  }
  for (;;) {
    skip_blanks(value);
    // A list may have empty elements.
    if (!value.empty() && value.front() != ',') {
      const bool weak = value.starts_with("W/");
      if (weak) value.remove_prefix(2);
      if (!value.starts_with('"')) return std::nullopt;
      const std::size_t end = value.find('"', 1);
      if (end == std::string_view::npos) return std::nullopt;
      list.tags.push_back({std::string(value.substr(1, end - 1)), weak});
      value.remove_prefix(end + 1);
      skip_blanks(value);
    }
    if (value.empty()) break;
    if (value.front() != ',') return std::nullopt;
    value.remove_prefix(1);
  }
  if (list.tags.empty()) return std::nullopt;
  return list;
}

bool includes(const EtagList& list, const std::string& etag) {
  return list.any || std::any_of(list.tags.begin(), list.tags.end(), [&](const EntityTag& tag) {
           return '"' + tag.opaque + '"' == etag;
         });
}

bool includes_strongly(const EtagList& list, const std::string& etag) {
  return list.any || std::any_of(list.tags.begin(), list.tags.end(), [&](const EntityTag& tag) {
           return !tag.weak && '"' + tag.opaque + '"' == etag;
         });
}

std::vector<std::int64_t> details_versions(const EtagList& list) {
  std::vector<std::int64_t> versions;
  for (const auto& [tag, weak] : list.tags) {
    if (weak) continue;
    std::int64_t details = 0;
    std::int64_t version = 0;
    const char* const end = tag.data() + tag.size();
    const auto first = std::from_chars(tag.data(), end, details);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') continue;
    const auto second = std::from_chars(first.ptr + 1, end, version);
    if (second.ec != std::errc() || second.ptr != end) continue;
    if (std::find(versions.begin(), versions.end(), details) == versions.end()) {
      versions.push_back(details);
    }
  }
  return versions;
}

}  // namespace evently
