#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// `"<details_version>-<version>"`: every booking moves the second, only administrators the first.
std::string event_etag(std::int64_t details_version, std::int64_t version);

struct EntityTag {
  std::string opaque;  // what stands between the quotes
  bool weak = false;   // W/ stood before them
};

// The value of If-Match or If-None-Match.
struct EtagList {
  bool any = false;  // "*"
  std::vector<EntityTag> tags;
};

// nullopt when the value is neither "*" nor a list of entity tags.
std::optional<EtagList> parse_etags(std::string_view value);

// If-None-Match: the whole tag is compared, weak or not.
bool includes(const EtagList& list, const std::string& etag);

// If-Match of a reader: the same, but a weak tag stands for nothing.
bool includes_strongly(const EtagList& list, const std::string& etag);

// If-Match: only the details count, or no administrator could change an event that is selling.
// Tags that are weak or not ours stand for no version.
std::vector<std::int64_t> details_versions(const EtagList& list);

}  // namespace evently
