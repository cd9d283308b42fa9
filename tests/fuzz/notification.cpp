#include "redis_bridge/bridge/notification.h"

#include "redis_bridge/bridge/dirty_events.h"
#include "tests/fuzz/fuzz.h"

namespace evently {
namespace {

// A list of ids as it is written: without zeros in front.
std::string without_zeros(std::string_view list) {
  std::string text;
  for (const char c : list)
    if (c != '0' || (!text.empty() && text.back() != ',')) text += c;
  return text;
}

}  // namespace

void fuzz_notification(std::string_view input) {
  using Kind = Notification::Kind;
  const Notification notification = parse_notification(input);
  promise((notification.kind == Kind::events) == !notification.event_ids.empty(),
          "only a list of events names any");
  promise((notification.kind == Kind::resync) == (input == "resync"), "a resync is asked for");
  if (notification.kind != Kind::events) return;

  std::string again;
  DirtyEvents dirty(2);
  for (const auto id : notification.event_ids) {
    promise(id > 0, "an id is positive");
    again += (again.empty() ? "" : ",") + std::to_string(id);
    dirty.notified(id, DirtyEvents::Clock::time_point());
  }
  promise(again == without_zeros(input), "the ids are those that were sent");
  promise(!dirty.empty() && dirty.take().size() <= 2, "dirty events are bounded");
}

}  // namespace evently
