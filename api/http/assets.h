#pragma once

#include <string>
#include <string_view>

namespace evently {

// A file that was built into the program.
struct Asset {
  const char* name;
  const char* content_type;
  const char* etag;  // without its last quote, as each coding has its own
  std::string_view bytes;
  std::string_view gzipped;  // empty where that is no smaller
};

// nullptr when there is none of that name. Generated at build time by embed.py.
const Asset* find_asset(std::string_view name);

// Nothing from anywhere but this service.
constexpr const char* docs_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace evently
