#include "api/booking/seat_hints.h"

#include <gtest/gtest.h>

#include <vector>

namespace evently {
namespace {

class SeatHintsTest : public testing::Test {
 protected:
  void remember_sold_out(std::int64_t event) {
    hints.remember_sold_out(event, hints.take(event, {1}), Inventory{event, 1, 0});
  }

  // Connects on demand, and these tests ask nothing of it.
  Workers workers{1};
  Database database{{"postgresql://127.0.0.1:1/none"}, {}, workers};
  SeatHints hints{nullptr, database, workers};
};

TEST_F(SeatHintsTest, WithoutRedisTokensAreUnknown) {
  const SeatReading reading = hints.take(7, {1, 1'000});
  EXPECT_EQ(reading.tokens.items, (std::vector<TokenAnswer>(2, TokenAnswer::unknown)));
  hints.write_back({7, 1, 5}, {1, "an epoch"});
}

TEST_F(SeatHintsTest, RulesOutWhatTheDatabaseRefused) {
  remember_sold_out(7);
  EXPECT_TRUE(hints.rules_out(7, 1));
  EXPECT_FALSE(hints.rules_out(8, 1));
}

// Where only Redis was asked, its word counts while the bridge vouches for it: here not at all.
TEST_F(SeatHintsTest, BelievesRedisNoLongerThanTheBridgeVouches) {
  hints.remember_sold_out(7, hints.take(7, {1}), std::nullopt);
  EXPECT_FALSE(hints.rules_out(7, 1));
}

TEST_F(SeatHintsTest, ForgetsASoldOutEventWhenItsSeatsMayHaveComeBack) {
  for (const Change change : {Change::seats_came_back, Change::event_changed}) {
    remember_sold_out(7);
    hints.changed(7, change);
    EXPECT_FALSE(hints.rules_out(7, 1)) << static_cast<int>(change);
  }
  remember_sold_out(7);
  hints.many_changed();
  EXPECT_FALSE(hints.rules_out(7, 1));
}

TEST_F(SeatHintsTest, ASaleBringsNoSeatsBack) {
  remember_sold_out(7);
  hints.changed(7, Change::seats_sold);
  hints.changed(7, Change::event_made);
  EXPECT_TRUE(hints.rules_out(7, 1));
}

TEST_F(SeatHintsTest, AReadingFromBeforeAChangeIsNotRemembered) {
  const SeatReading reading = hints.take(7, {1});
  hints.changed(7, Change::seats_came_back);
  hints.remember_sold_out(7, reading, Inventory{7, 1, 0});
  EXPECT_FALSE(hints.rules_out(7, 1));
}

}  // namespace
}  // namespace evently
