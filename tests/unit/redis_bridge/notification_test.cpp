#include "redis_bridge/bridge/notification.h"

#include <gtest/gtest.h>

#include <string>

#include "redis_bridge/bridge/dirty_events.h"

namespace evently {
namespace {

using Kind = Notification::Kind;
using Ids = std::vector<std::int64_t>;

TEST(Notification, NamesOneEventOrMany) {
  EXPECT_EQ(parse_notification("7").event_ids, Ids{7});
  EXPECT_EQ(parse_notification("7,12,9").event_ids, (Ids{7, 12, 9}));
  EXPECT_EQ(parse_notification("9223372036854775807").event_ids, Ids{9223372036854775807});
  EXPECT_EQ(parse_notification("7,12,9").kind, Kind::events);
}

TEST(Notification, MayAskForAll) {
  const Notification notification = parse_notification("resync");
  EXPECT_EQ(notification.kind, Kind::resync);
  EXPECT_TRUE(notification.event_ids.empty());
}

TEST(Notification, AllElseIsUnreadable) {
  for (const char* payload : {"", ",", "7,", ",7", "7,,9", "7, 9", " 7", "x", "7x", "0", "-7", "+7",
                              "7.0", "7,resync", "RESYNC", "resync ", "9223372036854775808"}) {
    const Notification notification = parse_notification(payload);
    EXPECT_EQ(notification.kind, Kind::unreadable) << payload;
    EXPECT_TRUE(notification.event_ids.empty()) << payload;
  }
}

const Marks::Clock::time_point t1{std::chrono::seconds(1)};
const Marks::Clock::time_point t2{std::chrono::seconds(2)};

TEST(Marks, GatherEachEventOnceWithItsOldestNotification) {
  Marks marks;
  EXPECT_TRUE(marks.empty());
  marks.notified(7, t1);
  marks.notified(7, t2);
  marks.notified(9, t2);
  EXPECT_EQ(marks.oldest(), t1);
  const Marks::Events events = marks.take();
  EXPECT_EQ(events, (Marks::Events{{7, t1}, {9, t2}}));
  EXPECT_TRUE(marks.empty());
  EXPECT_EQ(marks.oldest(), std::nullopt);
}

TEST(Marks, ASuspectedEventIsNotWaitedFor) {
  Marks marks;
  marks.suspected(7, t1);
  EXPECT_EQ(marks.oldest(), std::nullopt);
  EXPECT_FALSE(marks.empty());
  marks.notified(7, t2);
  marks.suspected(7, t2);
  EXPECT_EQ(marks.oldest(), t2);
  EXPECT_EQ(marks.take(), (Marks::Events{{7, t2}}));
}

TEST(Marks, AResyncStandsUntilTaken) {
  Marks marks;
  marks.request_resync(t1);
  marks.request_resync(t2);
  EXPECT_TRUE(marks.resync_requested());
  EXPECT_FALSE(marks.empty());
  EXPECT_EQ(marks.oldest(), t1);
  EXPECT_TRUE(marks.take().empty());
  EXPECT_FALSE(marks.resync_requested());
  EXPECT_TRUE(marks.empty());
}

TEST(Marks, TooManyEventsBecomeAResync) {
  Marks marks(3);
  for (const std::int64_t id : {1, 2, 3}) marks.notified(id, t1);
  EXPECT_FALSE(marks.resync_requested());
  marks.notified(3, t2);
  EXPECT_FALSE(marks.resync_requested()) << "a known one takes no place";
  marks.notified(4, t2);
  EXPECT_TRUE(marks.resync_requested());
  EXPECT_EQ(marks.oldest(), t1);
  EXPECT_EQ(marks.take().size(), 3u);
}

TEST(Marks, TooManySuspectsBecomeAResyncToo) {
  Marks marks(1);
  marks.suspected(1, t1);
  marks.suspected(2, t1);
  EXPECT_TRUE(marks.resync_requested());
}

}  // namespace
}  // namespace evently
