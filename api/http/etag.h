#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// `"<details_version>-<version>"`: every booking moves the second, only administrators the first.
std::string event_etag(std::int64_t details_version, std::int64_t version);

// The value of If-Match or If-None-Match.
struct EtagList {
  bool any = false;               // "*"
  std::vector<std::string> tags;  // what stands between the quotes, W/ dropped
};

// nullopt when the value is neither "*" nor a list of entity tags.
std::optional<EtagList> parse_etags(std::string_view value);

// If-None-Match: the whole tag is compared.
bool includes(const EtagList& list, const std::string& etag);

// If-Match: only the details count, or no administrator could change an event that is selling.
// Tags that are not ours stand for no version.
std::vector<std::int64_t> details_versions(const EtagList& list);

}  // namespace evently
