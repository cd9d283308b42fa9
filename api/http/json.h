#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace evently {

using Json = nlohmann::ordered_json;  // answers keep the order in which they are written

// Bad UTF-8 is replaced.
inline std::string json_text(const Json& body) {
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

inline constexpr const char* json_content_type = "application/json; charset=utf-8";

}  // namespace evently
