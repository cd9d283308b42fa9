// The checker on small made-up histories: each kind of fault is found, and counted as what it is.
#include "tests/chaos/checker.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

constexpr std::int64_t s = 1'000'000;  // in microseconds

// One event of 4 seats; two bookings of 1 seat, the second cancelled; a third key refused.
class JudgeTest : public testing::Test {
 protected:
  JudgeTest() {
    history.capacities[1] = 4;
    ask("a", 1, 201, 11);
    ask("b", 2, 201, 12);
    ask("c", 3, 409, 0);
    cancel(12, 4, 200);
    snapshot.events = {{1, 4, 3}};
    snapshot.bookings = {{11, 5, 1, 1, true, "a"}, {12, 5, 1, 1, false, "b"}};
  }

  // Asked at a second and told a millisecond later.
  void ask(const std::string& key, std::int64_t at_s, int status, std::int64_t booking) {
    WishHistory& entry = history.wishes[key];
    entry.wish = {key, 5, 1, 1};
    entry.asked_us.push_back(at_s * s);
    entry.told.push_back({at_s * s, at_s * s + 1000, status, booking});
  }
  void cancel(std::int64_t booking, std::int64_t at_s, int status) {
    CancelHistory& entry = history.cancels[booking];
    entry.asked_us.push_back(at_s * s);
    entry.told.push_back({at_s * s, at_s * s + 1000, status, booking});
  }
  StoredBooking& row(std::size_t i) { return snapshot.bookings.at(i); }
  Verdict verdict() { return judge(history, snapshot); }

  History history;
  Snapshot snapshot;
};

// The counts of what is wrong; the rest must be nought.
void expect_only(const Verdict& verdict, std::uint64_t Verdict::*kind, std::uint64_t count = 1) {
  for (auto member : {&Verdict::lost, &Verdict::doubled, &Verdict::oversold,
                      &Verdict::wrong_counters, &Verdict::unasked, &Verdict::refused_yet_booked,
                      &Verdict::false_sold_out, &Verdict::unexpected_answers})
    EXPECT_EQ(verdict.*member, member == kind ? count : 0u);
  EXPECT_GT(verdict.violations, 0u);
  EXPECT_FALSE(verdict.findings.empty());
}

TEST_F(JudgeTest, SaysNothingWhenAllIsWell) {
  history.wishes.erase("c");
  ask("c", 2, 409, 0);  // false, but not for longer than a second
  const Verdict found = verdict();
  EXPECT_EQ(found.violations, 0u) << (found.findings.empty() ? "" : found.findings[0]);
  EXPECT_EQ(found.acknowledged, 2u);
  EXPECT_EQ(found.cancelled, 1u);
  EXPECT_EQ(found.unknown, 0u);
}

TEST_F(JudgeTest, FindsABookingThatIsGone) {
  history.wishes.erase("c");
  snapshot.bookings.erase(snapshot.bookings.begin());
  snapshot.events[0].seats_available = 4;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(JudgeTest, FindsAnotherBookingThanWasAcknowledged) {
  history.wishes.erase("c");
  row(0).id = 13;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(JudgeTest, FindsABookingOfSomebodyElse) {
  history.wishes.erase("c");
  row(0).user = 6;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(JudgeTest, FindsACancellationThatIsNotInForce) {
  history.wishes.erase("c");
  row(1).live = true;
  snapshot.events[0].seats_available = 2;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(JudgeTest, FindsACancellationThatNobodyAskedFor) {
  history.wishes.erase("c");
  row(0).live = false;
  snapshot.events[0].seats_available = 4;
  expect_only(verdict(), &Verdict::unasked);
}

TEST_F(JudgeTest, FindsTwoBookingsOfOneKey) {
  history.wishes.erase("c");
  snapshot.bookings.push_back({14, 5, 1, 1, true, "a"});
  snapshot.events[0].seats_available = 2;
  expect_only(verdict(), &Verdict::doubled);
}

TEST_F(JudgeTest, FindsTwoAcknowledgementsOfOneKey) {
  history.wishes.erase("c");
  ask("a", 5, 200, 99);
  expect_only(verdict(), &Verdict::doubled);
}

TEST_F(JudgeTest, FindsABookingThatNobodyAskedFor) {
  history.wishes.erase("c");
  snapshot.bookings.push_back({14, 5, 1, 1, true, "z"});
  snapshot.events[0].seats_available = 2;
  expect_only(verdict(), &Verdict::unasked);
}

TEST_F(JudgeTest, FindsARefusalThatBooked) {
  history.wishes.erase("c");
  history.capacities[1] = 2;
  snapshot.events[0] = {1, 2, 0};
  ask("c", 3, 409, 0);
  snapshot.bookings.push_back({14, 5, 1, 1, true, "c"});
  expect_only(verdict(), &Verdict::refused_yet_booked);
}

TEST_F(JudgeTest, FindsAKeyThatForgotItsBooking) {
  history.wishes.erase("c");
  history.capacities[1] = 2;
  snapshot.events[0] = {1, 2, 1};
  ask("a", 3, 409, 0);
  expect_only(verdict(), &Verdict::refused_yet_booked);
}

TEST_F(JudgeTest, FindsOversoldSeats) {
  history.wishes.erase("c");
  for (int i = 0; i < 5; ++i) {
    const std::string key = "more" + std::to_string(i);
    ask(key, 5 + i, 201, 20 + i);
    snapshot.bookings.push_back({20 + i, 5, 1, 1, true, key});
  }
  snapshot.events[0].seats_available = -2;
  const Verdict found = verdict();
  EXPECT_EQ(found.oversold, 2u);
  EXPECT_EQ(found.wrong_counters, 1u);
}

TEST_F(JudgeTest, FindsACounterThatIsWrong) {
  history.wishes.erase("c");
  snapshot.events[0].seats_available = 4;
  expect_only(verdict(), &Verdict::wrong_counters);
}

TEST_F(JudgeTest, FindsAnEventThatIsGone) {
  history.capacities[2] = 9;
  history.wishes.erase("c");
  EXPECT_EQ(verdict().violations, 1u);
}

TEST_F(JudgeTest, PassesOnWhatVerifySays) {
  history.wishes.erase("c");
  snapshot.violations = {"(one,two)"};
  EXPECT_EQ(verdict().violations, 1u);
}

TEST_F(JudgeTest, FindsAnswersThatShouldNotBe) {
  history.wishes.erase("c");
  ask("d", 5, 500, 0);
  cancel(12, 6, 404);
  expect_only(verdict(), &Verdict::unexpected_answers, 2);
}

// In the history of the fixture: 2 of 4 seats are taken at 3 s, and a seat was free all the time.
TEST_F(JudgeTest, FindsASoldOutThatIsFalseForLong) {
  expect_only(verdict(), &Verdict::false_sold_out);
}

TEST_F(JudgeTest, CountsAFalseSoldOutWhereItIsNotBounded) {
  const Verdict found = judge(history, snapshot, false);
  EXPECT_EQ(found.false_sold_out, 1u);
  EXPECT_EQ(found.violations, 0u);
}

TEST_F(JudgeTest, FindsAFalseSoldOutByAProbe) {
  history.wishes.erase("c");
  history.probes[1] = {{3 * s, 3 * s + 1000, 404, 0}, {4 * s, 4 * s + 1000, 409, 0}};
  expect_only(verdict(), &Verdict::false_sold_out);
}

TEST_F(JudgeTest, ASoldOutIsNotFalseWhileSomebodyMayHoldTheSeats) {
  for (int i = 0; i < 2; ++i) {
    const std::string key = "lost" + std::to_string(i);
    ask(key, 2, no_answer, 0);
  }
  const Verdict found = verdict();
  EXPECT_EQ(found.false_sold_out, 0u);
  EXPECT_EQ(found.unknown, 2u);
  EXPECT_EQ(found.violations, 0u);
}

TEST_F(JudgeTest, AnAnswerToTheSameKeyFreesWhatALostOneMayHaveTaken) {
  history.wishes.erase("c");
  for (int i = 0; i < 2; ++i) {
    const std::string key = "lost" + std::to_string(i);
    ask(key, 2, no_answer, 0);
    ask(key, 3, 409, 0);
  }
  ask("d", 6, 409, 0);
  expect_only(verdict(), &Verdict::false_sold_out);
}

TEST_F(JudgeTest, TellsTheLongestTimeInWhichNobodyWasServed) {
  history.wishes.erase("c");
  ask("d", 5, 503, 0);
  ask("d", 6, no_answer, 0);
  ask("d", 9, 409, 0);
  EXPECT_EQ(verdict().longest_outage_ms, 5000);
}

}  // namespace
}  // namespace evently
