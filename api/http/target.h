#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evently {

using QueryParameters = std::vector<std::pair<std::string, std::string>>;

// What a request line asks for.
struct RequestTarget {
  std::string path;       // as sent: a decoded path would slip past the rules of a proxy
  QueryParameters query;  // decoded, in their order
  bool well_formed = false;
};

// Of origin-form ("/events?limit=5"), absolute-form ("http://host/events") and "*".
RequestTarget parse_target(std::string_view target);

// Names a host, with or without a port, as the field Host does.
bool is_authority(std::string_view text);

// For a query: every byte but letters, digits and "-._~" becomes %XX.
std::string percent_encoded(std::string_view text);

// A path of characters that need no encoding, from a slash on, without empty segments.
bool is_plain_path(std::string_view text);

}  // namespace evently
