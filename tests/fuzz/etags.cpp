#include "api/etag.h"

#include "tests/fuzz/fuzz.h"

namespace evently {

void fuzz_etags(std::string_view input) {
  const auto list = parse_etags(input);
  if (!list) return;
  promise(list->any == list->tags.empty(), "a list is either * or has tags");
  const auto versions = details_versions(*list);
  promise(versions.size() <= list->tags.size(), "each version comes from a tag");
  std::string again;
  for (const std::string& tag : list->tags) {
    promise(tag.find('"') == std::string::npos, "no tag has a quote");
    again += (again.empty() ? "\"" : ", \"") + tag + '"';
    promise(includes(*list, '"' + tag + '"'), "a list includes its tags");
  }
  if (list->any) {
    promise(includes(*list, event_etag(1, 1)), "* includes every tag");
    return;
  }
  const auto same = parse_etags(again);
  promise(same && same->tags == list->tags, "a list reads the same when it is written again");
  for (const auto version : versions) {
    const auto own = parse_etags(event_etag(version, 7));
    promise(own && details_versions(*own) == std::vector{version}, "a tag of ours is understood");
  }
}

}  // namespace evently
