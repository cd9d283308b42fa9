#include "redis_bridge/notification.h"

#include "redis_bridge/marks.h"
#include "tests/fuzz/fuzz.h"

namespace evently {

void fuzz_notification(std::string_view input) {
  using Kind = Notification::Kind;
  const Notification notification = parse_notification(input);
  promise((notification.kind == Kind::events) == !notification.event_ids.empty(),
          "only a list of events names any");
  promise((notification.kind == Kind::resync) == (input == "resync"), "a resync is asked for");
  if (notification.kind != Kind::events) return;

  std::size_t digits = notification.event_ids.size() - 1;  // the commas
  Marks marks(2);
  for (const auto id : notification.event_ids) {
    promise(id > 0, "an id is positive");
    digits += std::to_string(id).size();
    marks.notified(id, Marks::Clock::time_point());
  }
  promise(digits <= input.size(), "no id has more digits than were sent");
  promise(!marks.empty() && marks.take().size() <= 2, "marks are bounded");
}

}  // namespace evently
