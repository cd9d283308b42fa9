// The rules zone without a server: each decision, its order and its bounds, and every short history
// of a small event.
#include "extension/rules/rules.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace evently {
namespace {

constexpr std::int64_t int64_min = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

constexpr std::int64_t start_us = 1'000;
constexpr BookingRequest request_for(std::int64_t seats) noexcept {
  return {1, 10, seats};
}

// What the decision says, in one word; checks that a refusal is there when refused, and only then.
std::string word_of(const Decision& decision) {
  EXPECT_EQ(decision.refusal != nullptr, decision.outcome == Outcome::refused);
  switch (decision.outcome) {
    case Outcome::booked:
      return "booked";
    case Outcome::replayed:
      return "replayed";
    case Outcome::refused:
      return decision.refusal == nullptr ? "nothing" : decision.refusal->code;
  }
  return "unknown outcome";
}

// Rules are usable where the compiler needs them.
constexpr EventFacts open_event = {10, 4, start_us};
static_assert(decide_booking(request_for(4), {&open_event, true, 0}).outcome == Outcome::booked);
static_assert(decide_repeat(request_for(4), {10, 4}).outcome == Outcome::replayed);
static_assert(change_capacity(open_event, 6).accepted);
static_assert(noexcept(decide_booking(request_for(1), {&open_event, true, 0})));

TEST(Arguments, SeatsAreFromOneToAMillion) {
  for (std::int64_t seats : {int64_min, std::int64_t{-1}, std::int64_t{0}})
    EXPECT_FALSE(is_valid_seats(seats)) << seats;
  EXPECT_TRUE(is_valid_seats(1));
  EXPECT_TRUE(is_valid_seats(1'000'000));
  EXPECT_FALSE(is_valid_seats(1'000'001));
  EXPECT_FALSE(is_valid_seats(int64_max));
}

TEST(Arguments, CapacityIsFromNoneToAMillion) {
  EXPECT_FALSE(is_valid_capacity(int64_min));
  EXPECT_FALSE(is_valid_capacity(-1));
  EXPECT_TRUE(is_valid_capacity(0));
  EXPECT_TRUE(is_valid_capacity(1'000'000));
  EXPECT_FALSE(is_valid_capacity(1'000'001));
  EXPECT_FALSE(is_valid_capacity(int64_max));
}

TEST(Arguments, AKeyHasFromOneTo255Bytes) {
  EXPECT_FALSE(is_valid_key_length(0));
  EXPECT_TRUE(is_valid_key_length(1));
  EXPECT_TRUE(is_valid_key_length(255));
  EXPECT_FALSE(is_valid_key_length(256));
  EXPECT_FALSE(is_valid_key_length(std::numeric_limits<std::size_t>::max()));
}

TEST(Arguments, OtherLengthsAreThoseOfTheTables) {
  EXPECT_EQ(email_characters_max, 254u);
  EXPECT_EQ(label_characters_max, 200u);
}

TEST(Repeat, OfTheSameContentIsReplayed) {
  EXPECT_EQ(word_of(decide_repeat(request_for(2), {10, 2})), "replayed");
}

TEST(Repeat, OfOtherContentIsRefused) {
  EXPECT_EQ(word_of(decide_repeat(request_for(2), {11, 2})), "idempotency-key-reused");
  EXPECT_EQ(word_of(decide_repeat(request_for(2), {10, 1})), "idempotency-key-reused");
  EXPECT_EQ(word_of(decide_repeat(request_for(2), {10, 3})), "idempotency-key-reused");
  EXPECT_EQ(word_of(decide_repeat(request_for(2), {2, 10})), "idempotency-key-reused");
}

// All that may be wrong at once, and which refusal the contract lets win.
TEST(Booking, RefusesInTheOrderOfTheContract) {
  for (int wrong = 0; wrong < 16; ++wrong) {
    const bool no_event = wrong & 8, no_user = wrong & 4, started = wrong & 2, short_of = wrong & 1;
    const EventFacts event = {10, short_of ? 1 : 2, start_us};
    const BookingFacts facts = {no_event ? nullptr : &event, !no_user,
                                started ? start_us + 1 : start_us - 1};
    const char* expected = no_event   ? "event-not-found"
                           : no_user  ? "user-not-found"
                           : started  ? "booking-closed"
                           : short_of ? "not-enough-seats"
                                      : "booked";
    EXPECT_EQ(word_of(decide_booking(request_for(2), facts)), expected) << wrong;
  }
}

TEST(Booking, ClosesAtTheMicrosecondOfTheStart) {
  const auto at = [](std::int64_t now_us, std::int64_t start_at_us) {
    const EventFacts event = {10, 10, start_at_us};
    return word_of(decide_booking(request_for(1), {&event, true, now_us}));
  };
  EXPECT_EQ(at(start_us - 1, start_us), "booked");
  EXPECT_EQ(at(start_us, start_us), "booking-closed");
  EXPECT_EQ(at(start_us + 1, start_us), "booking-closed");
  EXPECT_EQ(at(-1, 0), "booked") << "times before the clock's zero are times";
  EXPECT_EQ(at(int64_min, int64_max), "booked");
  EXPECT_EQ(at(int64_max, int64_min), "booking-closed");
}

TEST(Booking, SellsExactlyWhatIsLeft) {
  for (std::int64_t left = 0; left <= 5; ++left) {
    const EventFacts event = {5, left, start_us};
    for (std::int64_t seats = 1; seats <= 7; ++seats)
      EXPECT_EQ(word_of(decide_booking(request_for(seats), {&event, true, 0})),
                seats <= left ? "booked" : "not-enough-seats")
          << seats << " of " << left;
  }
  const EventFacts vast = {capacity_max, capacity_max, start_us};
  EXPECT_EQ(word_of(decide_booking(request_for(seats_max), {&vast, true, 0})), "booked");
}

TEST(Capacity, CoversWhatIsBooked) {
  for (std::int64_t capacity = 0; capacity <= 8; ++capacity)
    for (std::int64_t booked = 0; booked <= capacity; ++booked)
      for (std::int64_t wanted = 0; wanted <= 10; ++wanted) {
        const CapacityChange change = change_capacity({capacity, capacity - booked, 0}, wanted);
        EXPECT_EQ(change.accepted, wanted >= booked) << booked << " booked, wanted " << wanted;
        if (change.accepted) {
          EXPECT_EQ(wanted - change.seats_available, booked);
          EXPECT_EQ(change.shortfall, 0);
        } else {
          EXPECT_EQ(change.shortfall, booked - wanted);
        }
      }
}

TEST(Capacity, ReachesItsBounds) {
  EXPECT_EQ(change_capacity({0, 0, 0}, capacity_max).seats_available, capacity_max);
  EXPECT_EQ(change_capacity({capacity_max, 0, 0}, capacity_max).seats_available, 0);
  EXPECT_EQ(change_capacity({capacity_max, 0, 0}, 0).shortfall, capacity_max);
  EXPECT_TRUE(change_capacity({capacity_max, capacity_max, 0}, 0).accepted);
}

// An event as the backend zone keeps it: decisions by the rules, effects as its statements have
// them.
struct Ledger {
  EventFacts event;
  std::vector<std::int64_t> live;  // seats of each live booking

  void check() const {
    std::int64_t held = 0;
    for (std::int64_t seats : live) held += seats;
    ASSERT_GE(event.seats_available, 0);
    ASSERT_LE(event.seats_available, event.capacity);
    ASSERT_EQ(event.capacity - event.seats_available, held);
  }
  void book(std::int64_t seats) {
    if (decide_booking(request_for(seats), {&event, true, 0}).outcome != Outcome::booked) return;
    event.seats_available -= seats;
    live.push_back(seats);
  }
  void cancel_first() {
    if (live.empty()) return;
    event.seats_available += live.front();
    live.erase(live.begin());
  }
  void set_capacity(std::int64_t capacity) {
    const CapacityChange change = change_capacity(event, capacity);
    if (!change.accepted) return;
    event.capacity = capacity;
    event.seats_available = change.seats_available;
  }
};

// Invariant I1 along every history of that many steps, from every small capacity.
void walk(const Ledger& before, int steps_left, int* histories) {
  if (steps_left == 0) {
    ++*histories;
    return;
  }
  for (std::int64_t step = 0; step < 8; ++step) {
    Ledger after = before;
    if (step < 3)
      after.book(step + 1);
    else if (step == 3)
      after.cancel_first();
    else
      after.set_capacity(step - 4);
    after.check();
    if (testing::Test::HasFatalFailure()) return;
    walk(after, steps_left - 1, histories);
  }
}

TEST(Ledger, BalancesAlongEveryShortHistory) {
  int histories = 0;
  for (std::int64_t capacity = 0; capacity <= 3; ++capacity)
    walk({{capacity, capacity, start_us}, {}}, 5, &histories);
  EXPECT_EQ(histories, 4 * 8 * 8 * 8 * 8 * 8);
}

}  // namespace
}  // namespace evently
