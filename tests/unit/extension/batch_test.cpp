// A batch is decided as the same bookings one after the other: against a model that does just that,
// over thousands of random batches. Keys taken by others at the last moment included.
#include "extension/rules/batch.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace evently {
namespace {

constexpr std::int64_t event_id = 7;
constexpr std::int64_t start_us = 1'000;

using UserKey = std::pair<std::int64_t, std::string>;

struct World {
  bool event_exists = true;
  EventFacts event{100, 20, start_us};
  std::int64_t now_us = 0;
  std::set<std::int64_t> users;
  std::map<UserKey, EarlierBooking> keys;
};

struct Operation {
  std::int64_t user_id;
  std::int64_t seats;
  std::string key;  // "" for none
};

std::string word_of(const Decision& decision) {
  if (decision.outcome == Outcome::booked) return "booked";
  if (decision.outcome == Outcome::replayed) return "replayed";
  return decision.refusal->code;
}

std::vector<std::string> one_after_the_other(World world,
                                             const std::vector<Operation>& operations) {
  std::vector<std::string> outcomes;
  for (const Operation& operation : operations) {
    const BookingRequest request{operation.user_id, event_id, operation.seats};
    const auto earlier = world.keys.find({operation.user_id, operation.key});
    Decision decision = Decision::refuse(Refusal::invalid_request);
    if (is_valid_seats(operation.seats)) {
      decision =
          !operation.key.empty() && earlier != world.keys.end()
              ? decide_repeat(request, earlier->second)
              : decide_booking(request, {world.event_exists ? &world.event : nullptr,
                                         world.users.count(operation.user_id) == 1, world.now_us});
    }
    if (decision.outcome == Outcome::booked) {
      world.event.seats_available -= operation.seats;
      if (!operation.key.empty())
        world.keys[{operation.user_id, operation.key}] = {event_id, operation.seats};
    }
    outcomes.push_back(word_of(decision));
  }
  return outcomes;
}

std::vector<BatchItem> items_of(const std::vector<Operation>& operations) {
  std::vector<BatchItem> items(operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    items[i].request = {operations[i].user_id, event_id, operations[i].seats};
    items[i].key = operations[i].key.empty() ? nullptr : operations[i].key.data();
    items[i].key_bytes = operations[i].key.size();
  }
  return items;
}

// What the backend zone does with a batch, with `world` for a database.
std::vector<std::string> as_a_batch(World world, const std::vector<Operation>& operations) {
  std::vector<BatchItem> items = items_of(operations);
  const int count = static_cast<int>(items.size());
  std::vector<int> order(items.size());
  prepare_batch(items.data(), count, order.data());
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].user_exists = world.users.count(operations[i].user_id) == 1;
    const auto known = world.keys.find({operations[i].user_id, operations[i].key});
    if (items[i].key_owner == static_cast<int>(i) && known != world.keys.end())
      items[i].key_state = {true, known->second, -1};
  }
  decide_batch(items.data(), count, nullptr, 0, true);
  decide_batch(items.data(), count, world.event_exists ? &world.event : nullptr, world.now_us);
  std::vector<std::string> outcomes;
  for (const BatchItem& item : items) outcomes.push_back(word_of(item.decision));
  EXPECT_GE(world.event.seats_available, 0);
  return outcomes;
}

World random_world(std::mt19937& random) {
  World world;
  world.event_exists = random() % 10 != 0;
  world.event.seats_available = static_cast<std::int64_t>(random() % 30);
  world.now_us = random() % 8 == 0 ? start_us : 0;
  for (std::int64_t user = 1; user <= 4; ++user)
    if (random() % 5 != 0) world.users.insert(user);
  for (int i = 0; i < 3; ++i)
    world.keys[{static_cast<std::int64_t>(1 + random() % 4), std::string(1, 'a' + random() % 5)}] =
        {static_cast<std::int64_t>(event_id + random() % 2),
         static_cast<std::int64_t>(1 + random() % 3)};
  return world;
}

std::vector<Operation> random_operations(std::mt19937& random) {
  std::vector<Operation> operations(random() % 24);
  for (Operation& operation : operations) {
    operation.user_id = static_cast<std::int64_t>(1 + random() % 4);
    operation.seats = static_cast<std::int64_t>(random() % 5);
    if (random() % 4 != 0) operation.key = std::string(1 + random() % 2, 'a' + random() % 5);
  }
  return operations;
}

TEST(Batch, IsTheSameAsOneAfterTheOther) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 20'000; ++round) {
    const World world = random_world(random);
    const std::vector<Operation> operations = random_operations(random);
    ASSERT_EQ(as_a_batch(world, operations), one_after_the_other(world, operations))
        << "round " << round;
  }
}

TEST(Batch, OrdersInsertionsByUserThenKey) {
  const std::vector<Operation> operations = {
      {2, 1, "b"}, {1, 1, "z"}, {2, 1, "a"}, {2, 1, ""}, {2, 1, "ab"}};
  std::vector<BatchItem> items = items_of(operations);
  std::vector<int> order(items.size());
  prepare_batch(items.data(), 5, order.data());
  EXPECT_EQ(order, (std::vector<int>{1, 3, 2, 4, 0}));
}

TEST(Batch, TellsKeysApartByUserLengthAndBytes) {
  const std::vector<Operation> operations = {
      {1, 1, "a"}, {2, 1, "a"}, {1, 1, "aa"}, {1, 1, "a"}, {1, 1, std::string("a\0", 2)}};
  std::vector<BatchItem> items = items_of(operations);
  std::vector<int> order(items.size());
  prepare_batch(items.data(), 5, order.data());
  EXPECT_EQ(items[0].key_owner, 0);
  EXPECT_EQ(items[1].key_owner, 1);
  EXPECT_EQ(items[2].key_owner, 2);
  EXPECT_EQ(items[3].key_owner, 0);
  EXPECT_EQ(items[4].key_owner, 4);
}

// The key of the first was used for another event a moment ago, so it could not be inserted.
TEST(Batch, GivesSeatsOfAFailedInsertionToThoseWhoCameAfter) {
  const std::vector<Operation> operations = {{1, 2, "k"}, {2, 2, ""}, {1, 2, "k"}};
  std::vector<BatchItem> items = items_of(operations);
  std::vector<int> order(items.size());
  prepare_batch(items.data(), 3, order.data());
  for (BatchItem& item : items) item.user_exists = true;
  EventFacts event{2, 2, start_us};
  decide_batch(items.data(), 3, &event, 0);
  ASSERT_EQ(word_of(items[0].decision), "booked");
  ASSERT_EQ(word_of(items[1].decision), "not-enough-seats");
  ASSERT_EQ(word_of(items[2].decision), "replayed");

  undecide_batch(items.data(), 3);
  items[0].key_state = {true, {event_id + 1, 2}, -1};
  event.seats_available = 2;
  decide_batch(items.data(), 3, &event, 0);
  EXPECT_EQ(word_of(items[0].decision), "idempotency-key-reused");
  EXPECT_EQ(word_of(items[1].decision), "booked");
  EXPECT_EQ(word_of(items[2].decision), "idempotency-key-reused");
  EXPECT_EQ(event.seats_available, 0);
}

TEST(Batch, KeepsWhatWasInserted) {
  const std::vector<Operation> operations = {{1, 1, "k"}, {1, 1, "k"}};
  std::vector<BatchItem> items = items_of(operations);
  std::vector<int> order(items.size());
  prepare_batch(items.data(), 2, order.data());
  for (BatchItem& item : items) item.user_exists = true;
  EventFacts event{2, 1, start_us};
  decide_batch(items.data(), 2, &event, 0);
  items[0].settled = true;  // inserted
  undecide_batch(items.data(), 2);
  event.seats_available = 0;
  decide_batch(items.data(), 2, &event, 0);
  EXPECT_EQ(word_of(items[0].decision), "booked");
  EXPECT_EQ(word_of(items[1].decision), "replayed");
}

}  // namespace
}  // namespace evently
