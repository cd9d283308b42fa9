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

const DirtyEvents::Clock::time_point t1{std::chrono::seconds(1)};
const DirtyEvents::Clock::time_point t2{std::chrono::seconds(2)};

TEST(DirtyEvents, GatherEachEventOnceWithItsOldestNotification) {
  DirtyEvents dirty;
  EXPECT_TRUE(dirty.empty());
  dirty.notified(7, t1);
  dirty.notified(7, t2);
  dirty.notified(9, t2);
  EXPECT_EQ(dirty.oldest(), t1);
  const DirtyEvents::Events events = dirty.take();
  EXPECT_EQ(events, (DirtyEvents::Events{{7, t1}, {9, t2}}));
  EXPECT_TRUE(dirty.empty());
  EXPECT_EQ(dirty.oldest(), std::nullopt);
}

TEST(DirtyEvents, ASuspectedEventIsNotWaitedFor) {
  DirtyEvents dirty;
  dirty.suspected(7, t1);
  EXPECT_EQ(dirty.oldest(), std::nullopt);
  EXPECT_FALSE(dirty.empty());
  dirty.notified(7, t2);
  dirty.suspected(7, t2);
  EXPECT_EQ(dirty.oldest(), t2);
  EXPECT_EQ(dirty.take(), (DirtyEvents::Events{{7, t2}}));
}

TEST(DirtyEvents, AResyncStandsUntilTaken) {
  DirtyEvents dirty;
  dirty.request_resync(t1);
  dirty.request_resync(t2);
  EXPECT_TRUE(dirty.resync_requested());
  EXPECT_FALSE(dirty.empty());
  EXPECT_EQ(dirty.oldest(), t1);
  EXPECT_TRUE(dirty.take().empty());
  EXPECT_FALSE(dirty.resync_requested());
  EXPECT_TRUE(dirty.empty());
}

TEST(DirtyEvents, TooManyEventsBecomeAResync) {
  DirtyEvents dirty(3);
  for (const std::int64_t id : {1, 2, 3}) dirty.notified(id, t1);
  EXPECT_FALSE(dirty.resync_requested());
  dirty.notified(3, t2);
  EXPECT_FALSE(dirty.resync_requested()) << "a known one takes no place";
  dirty.notified(4, t2);
  EXPECT_TRUE(dirty.resync_requested());
  EXPECT_EQ(dirty.oldest(), t1);
  EXPECT_EQ(dirty.take().size(), 3u);
}

TEST(DirtyEvents, TooManySuspectsBecomeAResyncToo) {
  DirtyEvents dirty(1);
  dirty.suspected(1, t1);
  dirty.suspected(2, t1);
  EXPECT_TRUE(dirty.resync_requested());
}

}  // namespace
}  // namespace evently
