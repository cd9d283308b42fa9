// The checker on small made-up histories: each kind of fault is found, and counted as what it is.
#include "tests/chaos/checker.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

constexpr std::int64_t s = 1'000'000;  // in microseconds

// One event of 4 seats; two bookings of 1 seat, the second cancelled; a third key refused.
class CheckerTest : public testing::Test {
 protected:
  CheckerTest() {
    history.capacities[1] = 4;
    invoke("a", 1, 201, 11);
    invoke("b", 2, 201, 12);
    invoke("c", 3, 409, 0);
    cancel(12, 4, 200);
    snapshot.events = {{1, 4, 3}};
    snapshot.bookings = {{11, 5, 1, 1, true, "a"}, {12, 5, 1, 1, false, "b"}};
  }

  // Invoked at a second and completed a millisecond later.
  void invoke(const std::string& key, std::int64_t at_s, int status, std::int64_t booking) {
    OperationHistory& entry = history.operations[key];
    entry.operation = {key, 5, 1, 1};
    entry.invoked_us.push_back(at_s * s);
    entry.completions.push_back({at_s * s, at_s * s + 1000, status, booking});
  }
  void cancel(std::int64_t booking, std::int64_t at_s, int status) {
    CancelHistory& entry = history.cancels[booking];
    entry.invoked_us.push_back(at_s * s);
    entry.completions.push_back({at_s * s, at_s * s + 1000, status, booking});
  }
  StoredBooking& row(std::size_t i) { return snapshot.bookings.at(i); }
  Verdict verdict() { return check_history(history, snapshot); }

  History history;
  Snapshot snapshot;
};

// The counts of what is wrong; the rest must be zero.
void expect_only(const Verdict& verdict, std::uint64_t Verdict::*kind, std::uint64_t count = 1) {
  for (auto member : {&Verdict::lost, &Verdict::doubled, &Verdict::oversold,
                      &Verdict::wrong_counters, &Verdict::unasked, &Verdict::refused_yet_booked,
                      &Verdict::false_sold_out, &Verdict::unexpected_answers})
    EXPECT_EQ(verdict.*member, member == kind ? count : 0u);
  EXPECT_GT(verdict.violations, 0u);
  EXPECT_FALSE(verdict.findings.empty());
}

TEST_F(CheckerTest, SaysNothingWhenAllIsWell) {
  history.operations.erase("c");
  invoke("c", 2, 409, 0);  // false, but not for longer than a second
  const Verdict found = verdict();
  EXPECT_EQ(found.violations, 0u) << (found.findings.empty() ? "" : found.findings[0]);
  EXPECT_EQ(found.acknowledged, 2u);
  EXPECT_EQ(found.cancelled, 1u);
  EXPECT_EQ(found.unknown, 0u);
}

TEST_F(CheckerTest, FindsABookingThatIsGone) {
  history.operations.erase("c");
  snapshot.bookings.erase(snapshot.bookings.begin());
  snapshot.events[0].seats_available = 4;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(CheckerTest, FindsAnotherBookingThanWasAcknowledged) {
  history.operations.erase("c");
  row(0).id = 13;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(CheckerTest, FindsABookingOfAnotherUser) {
  history.operations.erase("c");
  row(0).user = 6;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(CheckerTest, FindsACancellationThatIsNotInForce) {
  history.operations.erase("c");
  row(1).live = true;
  snapshot.events[0].seats_available = 2;
  expect_only(verdict(), &Verdict::lost);
}

TEST_F(CheckerTest, FindsACancellationThatNoClientAskedFor) {
  history.operations.erase("c");
  row(0).live = false;
  snapshot.events[0].seats_available = 4;
  expect_only(verdict(), &Verdict::unasked);
}

TEST_F(CheckerTest, FindsTwoBookingsOfOneKey) {
  history.operations.erase("c");
  snapshot.bookings.push_back({14, 5, 1, 1, true, "a"});
  snapshot.events[0].seats_available = 2;
  expect_only(verdict(), &Verdict::doubled);
}

TEST_F(CheckerTest, FindsTwoAcknowledgementsOfOneKey) {
  history.operations.erase("c");
  invoke("a", 5, 200, 99);
  expect_only(verdict(), &Verdict::doubled);
}

TEST_F(CheckerTest, FindsABookingThatNoClientAskedFor) {
  history.operations.erase("c");
  snapshot.bookings.push_back({14, 5, 1, 1, true, "z"});
  snapshot.events[0].seats_available = 2;
  expect_only(verdict(), &Verdict::unasked);
}

TEST_F(CheckerTest, FindsARefusalThatBooked) {
  history.operations.erase("c");
  history.capacities[1] = 2;
  snapshot.events[0] = {1, 2, 0};
  invoke("c", 3, 409, 0);
  snapshot.bookings.push_back({14, 5, 1, 1, true, "c"});
  expect_only(verdict(), &Verdict::refused_yet_booked);
}

TEST_F(CheckerTest, FindsAKeyThatForgotItsBooking) {
  history.operations.erase("c");
  history.capacities[1] = 2;
  snapshot.events[0] = {1, 2, 1};
  invoke("a", 3, 409, 0);
  expect_only(verdict(), &Verdict::refused_yet_booked);
}

TEST_F(CheckerTest, FindsOversoldSeats) {
  history.operations.erase("c");
  for (int i = 0; i < 5; ++i) {
    const std::string key = "more" + std::to_string(i);
    invoke(key, 5 + i, 201, 20 + i);
    snapshot.bookings.push_back({20 + i, 5, 1, 1, true, key});
  }
  snapshot.events[0].seats_available = -2;
  const Verdict found = verdict();
  EXPECT_EQ(found.oversold, 2u);
  EXPECT_EQ(found.wrong_counters, 1u);
}

TEST_F(CheckerTest, FindsACounterThatIsWrong) {
  history.operations.erase("c");
  snapshot.events[0].seats_available = 4;
  expect_only(verdict(), &Verdict::wrong_counters);
}

TEST_F(CheckerTest, FindsAnEventThatIsGone) {
  history.capacities[2] = 9;
  history.operations.erase("c");
  EXPECT_EQ(verdict().violations, 1u);
}

TEST_F(CheckerTest, PassesOnWhatVerifySays) {
  history.operations.erase("c");
  snapshot.violations = {"(one,two)"};
  EXPECT_EQ(verdict().violations, 1u);
}

TEST_F(CheckerTest, FindsAnswersThatShouldNotBe) {
  history.operations.erase("c");
  invoke("d", 5, 500, 0);
  cancel(12, 6, 404);
  expect_only(verdict(), &Verdict::unexpected_answers, 2);
}

// In the history of the fixture: 2 of 4 seats are taken at 3 s, and a seat was free all the time.
TEST_F(CheckerTest, FindsASoldOutThatIsFalseForLong) {
  expect_only(verdict(), &Verdict::false_sold_out);
}

TEST_F(CheckerTest, CountsAFalseSoldOutWhereItIsNotBounded) {
  const Verdict found = check_history(history, snapshot, false);
  EXPECT_EQ(found.false_sold_out, 1u);
  EXPECT_EQ(found.violations, 0u);
}

TEST_F(CheckerTest, FindsAFalseSoldOutByAProbe) {
  history.operations.erase("c");
  history.probes[1] = {{3 * s, 3 * s + 1000, 404, 0}, {4 * s, 4 * s + 1000, 409, 0}};
  expect_only(verdict(), &Verdict::false_sold_out);
}

TEST_F(CheckerTest, ASoldOutIsNotFalseWhileTheSeatsMayBeTaken) {
  for (int i = 0; i < 2; ++i) {
    const std::string key = "lost" + std::to_string(i);
    invoke(key, 2, no_answer, 0);
  }
  const Verdict found = verdict();
  EXPECT_EQ(found.false_sold_out, 0u);
  EXPECT_EQ(found.unknown, 2u);
  EXPECT_EQ(found.violations, 0u);
}

TEST_F(CheckerTest, AnAnswerToTheSameKeyFreesWhatALostOneMayHaveTaken) {
  history.operations.erase("c");
  for (int i = 0; i < 2; ++i) {
    const std::string key = "lost" + std::to_string(i);
    invoke(key, 2, no_answer, 0);
    invoke(key, 3, 409, 0);
  }
  invoke("d", 6, 409, 0);
  expect_only(verdict(), &Verdict::false_sold_out);
}

TEST_F(CheckerTest, TellsTheLongestTimeInWhichNoClientWasServed) {
  history.operations.erase("c");
  invoke("d", 5, 503, 0);
  invoke("d", 6, no_answer, 0);
  invoke("d", 9, 409, 0);
  EXPECT_EQ(verdict().longest_outage_ms, 5000);
}

}  // namespace
}  // namespace evently
