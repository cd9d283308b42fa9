#include <algorithm>

#include "api/http/etag.h"
#include "runtime/integers.h"
#include "runtime/trimmed.h"
#include "tests/fuzz/fuzz.h"

namespace evently {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view without_blanks_before(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(blanks), text.size()));
}

// Between two tags: commas and blanks, at least one comma, and W/ at the end perhaps.
bool separates(std::string_view text, bool needs_comma) {
  if (text.ends_with("W/")) text.remove_suffix(2);
  return text.find_first_not_of(", \t") == std::string_view::npos &&
         (!needs_comma || text.find(',') != std::string_view::npos);
}

// The grammar once more, by the quotes.
bool is_list(std::string_view text) {
  std::size_t open = text.find('"');
  if (open == std::string_view::npos || !separates(text.substr(0, open), false)) return false;
  for (;;) {
    const std::size_t close = text.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    open = text.find('"', close + 1);
    const std::string_view between =
        text.substr(close + 1, std::min(open, text.size()) - close - 1);
    if (open == std::string_view::npos) {
      return between.find_first_not_of(", \t") == std::string_view::npos &&
             (trimmed(between, blanks).empty() || trimmed(between, blanks).front() == ',');
    }
    if (!separates(between, true) || trimmed(between, blanks).front() != ',') return false;
  }
}

std::vector<std::int64_t> versions_in(const EtagList& list) {
  std::vector<std::int64_t> versions;
  for (const auto& [tag, weak] : list.tags) {
    if (weak) continue;
    const std::size_t dash = tag.find('-', 1);
    if (dash == std::string::npos) continue;
    const auto details = parse_integer(std::string_view(tag).substr(0, dash));
    if (!details || !parse_integer(std::string_view(tag).substr(dash + 1))) continue;
    if (std::find(versions.begin(), versions.end(), *details) == versions.end())
      versions.push_back(*details);
  }
  return versions;
}

}  // namespace

void fuzz_etags(std::string_view input) {
  const auto list = parse_etags(input);
  promise(list.has_value() == (without_blanks_before(input) == "*" || is_list(input)),
          "what is read is * or a list of tags, and all of those are");
  if (!list) return;
  promise(list->any == list->tags.empty(), "a list is either * or has tags");
  const auto versions = details_versions(*list);
  promise(versions == versions_in(*list), "a version comes from a tag like ours");
  std::string again;
  for (const auto& [tag, weak] : list->tags) {
    promise(tag.find('"') == std::string::npos, "no tag has a quote");
    again += std::string(again.empty() ? "" : ", ") + (weak ? "W/\"" : "\"") + tag + '"';
    promise(includes(*list, '"' + tag + '"'), "a list includes its tags");
    promise(weak || includes_strongly(*list, '"' + tag + '"'), "strongly, if they are strong");
    const bool longer =
        std::any_of(list->tags.begin(), list->tags.end(),
                    [&](const EntityTag& other) { return other.opaque == tag + 'x'; });
    promise(includes(*list, '"' + tag + "x\"") == longer, "a list includes nothing but its tags");
  }
  if (list->any) {
    promise(includes(*list, event_etag(1, 1)), "* includes every tag");
    return;
  }
  const auto same = parse_etags(again);
  promise(
      same && std::equal(same->tags.begin(), same->tags.end(), list->tags.begin(), list->tags.end(),
                         [](const EntityTag& a, const EntityTag& b) {
                           return a.opaque == b.opaque && a.weak == b.weak;
                         }),
      "a list reads the same when it is written again");
  for (const auto version : versions) {
    const auto own = parse_etags(event_etag(version, 7));
    promise(own && details_versions(*own) == std::vector{version}, "a tag of ours is understood");
  }
}

}  // namespace evently
