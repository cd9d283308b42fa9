#include "api/booking/sold_out_memory.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/redis_process.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

class SoldOut : public testing::Test {
 protected:
  void remember(std::int64_t event_id, std::int64_t seats_left) {
    memory.remember(event_id, memory.begin_reading(event_id), seats_left);
  }
  SoldOutMemory memory;
};

TEST_F(SoldOut, RulesOutWhatDoesNotFit) {
  EXPECT_FALSE(memory.rules_out(7, 1'000'000)) << "nothing is known";
  remember(7, 2);
  EXPECT_FALSE(memory.rules_out(7, 2));
  EXPECT_TRUE(memory.rules_out(7, 3));
  EXPECT_FALSE(memory.rules_out(8, 3)) << "another event";
  remember(7, 0);
  EXPECT_TRUE(memory.rules_out(7, 1));
}

TEST_F(SoldOut, EndsByItself) {
  remember(7, 0);
  EXPECT_TRUE(eventually([&] { return !memory.rules_out(7, 1); }, milliseconds(10'000)));
  memory.remember(7, memory.begin_reading(7), 0, milliseconds(0));
  EXPECT_FALSE(memory.rules_out(7, 1)) << "no longer than what it rests on";
}

TEST_F(SoldOut, WhatWasReadLongAgoIsNotRemembered) {
  ReadStamp stamp = memory.begin_reading(7);
  stamp.at -= SoldOutMemory::lifetime_max;
  memory.remember(7, stamp, 0);
  EXPECT_FALSE(memory.rules_out(7, 1));
}

TEST_F(SoldOut, ForgetsWhenSeatsComeBack) {
  remember(7, 0);
  memory.forget(7);
  EXPECT_FALSE(memory.rules_out(7, 1));
  remember(7, 0);
  memory.forget_all();
  EXPECT_FALSE(memory.rules_out(7, 1));
}

TEST_F(SoldOut, WhatWasReadBeforeSeatsCameBackIsNotRemembered) {
  const auto stamp = memory.begin_reading(7);
  memory.forget(7);
  memory.remember(7, stamp, 0);
  EXPECT_FALSE(memory.rules_out(7, 1));
}

TEST_F(SoldOut, ALaterEventDisplacesAnEarlierOneOfTheSameSlot) {
  remember(7, 0);
  remember(7 + 256, 0);
  EXPECT_FALSE(memory.rules_out(7, 1));
  EXPECT_TRUE(memory.rules_out(7 + 256, 1));
  EXPECT_FALSE(memory.rules_out(INT64_MIN + 3, 1)) << "any id has a slot";
}

}  // namespace
}  // namespace evently
