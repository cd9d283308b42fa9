#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace evently {

// What a payload on the channel evently_inventory says. It is a hint only, never the inventory.
struct Notification {
  enum class Kind { events, resync, unreadable };
  Kind kind;
  std::vector<std::int64_t> event_ids;
};

// `resync`, or ids in decimal with commas between them.
Notification parse_notification(std::string_view payload);

}  // namespace evently
