#include "redis_bridge/bridge/notification.h"

#include <algorithm>

#include "runtime/integers.h"

namespace evently {

Notification parse_notification(std::string_view payload) {
  if (payload == "resync") return {Notification::Kind::resync, {}};
  Notification notification{Notification::Kind::events, {}};
  std::size_t begin = 0;
  while (begin <= payload.size()) {
    const std::size_t comma = std::min(payload.find(',', begin), payload.size());
    const auto id = parse_id(payload.substr(begin, comma - begin));
    if (!id) return {Notification::Kind::unreadable, {}};
    notification.event_ids.push_back(*id);
    begin = comma + 1;
  }
  return notification;
}

}  // namespace evently
