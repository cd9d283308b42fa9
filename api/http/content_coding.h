#pragma once

#include <string_view>

namespace evently {

// Whether the value of Accept-Encoding lets an answer be gzipped.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace evently
