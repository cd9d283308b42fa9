#pragma once

#include <cstdint>
#include <string>

namespace evently {

inline std::string tokens_key(std::int64_t event_id) {
  return "event:" + std::to_string(event_id) + ":tokens";
}

}  // namespace evently
