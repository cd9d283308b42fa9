#pragma once

#include <string>
#include <string_view>

namespace evently {

// A file that was built into the program, as it is sent.
struct Asset {
  const char* name;
  const char* content_type;
  bool gzipped;
  const char* etag;
  std::string_view bytes;
};

// nullptr when there is none of that name. Generated at build time by embed.py.
const Asset* find_asset(std::string_view name);

// Nothing from anywhere but this service.
constexpr const char* docs_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace evently
