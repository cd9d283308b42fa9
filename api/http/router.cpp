#include "api/http/router.h"

namespace evently {
namespace {

// "/events/7" gives "events" and "7"; a slash at the end or twice gives an empty segment, which
// matches nothing.
template <class Text>
std::vector<Text> split_path(std::string_view path) {
  std::vector<Text> segments;
  if (path.empty() || path.front() != '/') return segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = path.find('/');
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end);
  }
  return segments;
}

bool is_parameter(const std::string& segment) {
  return !segment.empty() && segment[0] == '{';
}

bool fits(const std::vector<std::string>& wanted, const std::vector<std::string_view>& given) {
  if (wanted.size() != given.size()) return false;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (is_parameter(wanted[i]) ? given[i].empty() : wanted[i] != given[i]) return false;
  }
  return true;
}

}  // namespace

Router::Router(const std::vector<Template>& templates) {
  for (const Template& route : templates) {
    entries_.push_back({route.method, split_path<std::string>(route.path)});
  }
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const auto given = split_path<std::string_view>(path);
  const std::string_view wanted_method = method == "HEAD" ? "GET" : method;
  Match match;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (!fits(entry.segments, given)) continue;
    match.allow += entry.method == "GET" ? "GET, HEAD, " : entry.method + ", ";
    if (entry.method != wanted_method) continue;
    match.route = i;
    for (std::size_t s = 0; s < given.size(); ++s) {
      if (is_parameter(entry.segments[s])) match.parameters.emplace_back(given[s]);
    }
  }
  if (!match.allow.empty()) match.allow += "OPTIONS";
  return match;
}

}  // namespace evently
