// Calls for one event that gather while another transaction holds it, and are decided together.
#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

#include "tests/support/redis.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds patience{10'000};

// Throws when it is absent.
double metric(HttpClient& client, const std::string& series) {
  return metric_of(client, series).value();
}

// Clients of one service that each send one request, all of it under way at once.
class Crowd {
 public:
  explicit Crowd(std::string url) : url_(std::move(url)) {}
  ~Crowd() { join(); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  void book(std::int64_t user, const Json& fields) {
    send(user, "POST", "/bookings", fields.dump());
  }
  void cancel(std::int64_t user, std::int64_t booking) {
    send(user, "DELETE", "/bookings/" + std::to_string(booking), "");
  }
  void join() {
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }
  // After join(): what each user was told.
  std::map<std::int64_t, std::vector<Reply>>& replies() { return replies_; }
  std::map<int, int> statuses() {
    std::map<int, int> counts;
    for (const auto& [user, replies] : replies_)
      for (const Reply& reply : replies) ++counts[reply.status];
    return counts;
  }

 private:
  void send(std::int64_t user, const std::string& method, const std::string& path,
            const std::string& body) {
    threads_.emplace_back([this, user, method, path, body] {
      const auto reply = HttpClient(url_).try_send(method, path, body);
      const std::lock_guard lock(mutex_);
      if (reply) replies_[user].push_back(*reply);
    });
  }

  const std::string url_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // guards replies_
  std::map<std::int64_t, std::vector<Reply>> replies_;
};

// Whatever touches a booking of this user fails.
class Poison {
 public:
  explicit Poison(std::int64_t user) {
    database_.run(
        "CREATE FUNCTION public.poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.user_id = " +
        std::to_string(user) +
        " THEN RAISE EXCEPTION 'poisoned'; END IF;"
        " RETURN NEW; END $$");
    database_.run(
        "CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON evently.bookings"
        " FOR EACH ROW EXECUTE FUNCTION public.poison()");
  }
  ~Poison() { database_.run("DROP FUNCTION public.poison() CASCADE"); }
  Poison(const Poison&) = delete;
  Poison& operator=(const Poison&) = delete;

 private:
  OwnerDatabase database_;
};

class Batches : public ServiceTest {
 protected:
  using Statuses = std::map<int, int>;

  // One call waits for the event, `count` others gather behind it.
  testing::AssertionResult gathered(HttpClient& of_service, std::size_t count) {
    return eventually(patience, [&]() -> std::string {
      const double queued = metric(of_service, "evently_queue_length");
      if (database.waiting_for_lock() == 1 && queued == static_cast<double>(count)) return "";
      return std::to_string(queued) + " have gathered";
    });
  }

  // All but the first user's booking are one batch, which gathers behind the first.
  void book_as_one_batch(Crowd& crowd, HttpClient& of_service,
                         const std::vector<std::int64_t>& users, std::int64_t event) {
    HeldEvent held(event);
    crowd.book(users[0], booking_fields(users[0], event));
    ASSERT_TRUE(gathered(of_service, 0));
    for (std::size_t i = 1; i < users.size(); ++i)
      crowd.book(users[i], booking_fields(users[i], event));
    ASSERT_TRUE(gathered(of_service, users.size() - 1));
    held.release();
    crowd.join();
  }

  std::vector<std::int64_t> booked_by_each(const std::vector<std::int64_t>& users,
                                           std::int64_t event) {
    std::vector<std::int64_t> bookings;
    for (const auto user : users) bookings.push_back(booked(user, event));
    return bookings;
  }
  // All but the first gather behind it, while another session holds their event.
  void gather_cancellations(Crowd& crowd, HttpClient& of_service,
                            const std::vector<std::int64_t>& users,
                            const std::vector<std::int64_t>& bookings) {
    crowd.cancel(users[0], bookings[0]);
    ASSERT_TRUE(gathered(of_service, 0));
    for (std::size_t i = 1; i < bookings.size(); ++i) crowd.cancel(users[i], bookings[i]);
    ASSERT_TRUE(gathered(of_service, bookings.size() - 1));
  }
};

TEST_F(Batches, WhatGathersIsOneBatch) {
  constexpr int others = 30;
  const ServiceProcess service;
  HttpClient one(service.url());
  const auto users = new_users(others + 1);
  const auto event = new_event(20);
  Crowd crowd(service.url());
  ASSERT_NO_FATAL_FAILURE(book_as_one_batch(crowd, one, users, event));
  EXPECT_EQ(crowd.statuses(), (Statuses{{201, 20}, {409, others + 1 - 20}}));
  EXPECT_EQ(database.seats_available(event), 0);
  EXPECT_EQ(metric(one, "evently_batch_items_count"), 2);
  EXPECT_EQ(metric(one, "evently_batch_items_sum"), others + 1);
  EXPECT_EQ(metric(one, "evently_queue_age_seconds_count"), 2);
  EXPECT_EQ(metric(one, "evently_queue_length"), 0);
}

// Each of a batch has its own answer: booked, replayed, refused for its own reason.
TEST_F(Batches, EveryCallHasItsOwnAnswer) {
  const ServiceProcess service;
  HttpClient one(service.url());
  const auto users = new_users(6);
  const auto event = new_event(20);  // enough in any order, or tokens refuse some
  ASSERT_EQ(book(users[4], event, 1, "seen").status, 201);
  ASSERT_EQ(book(users[5], event, 1, "used").status, 201);
  std::optional<HeldEvent> held(std::in_place, event);
  Crowd crowd(service.url());
  crowd.book(users[0], booking_fields(users[0], event));
  ASSERT_TRUE(gathered(one, 0));
  const auto unknown = std::stoll(unused_id);
  const std::string nasty = R"(quote " backslash \ comma , brace } NULL ä)";
  crowd.book(users[1], booking_fields(users[1], event, 2, nasty));
  crowd.book(users[2], booking_fields(users[2], event, 1'000));
  crowd.book(unknown, booking_fields(unknown, event));
  crowd.book(users[4], booking_fields(users[4], event, 1, "seen"));
  crowd.book(users[5], booking_fields(users[5], event, 2, "used"));
  for (int i = 0; i < 3; ++i) crowd.book(users[3], booking_fields(users[3], event, 1, "twins"));
  ASSERT_TRUE(gathered(one, 8));
  held->release();
  crowd.join();
  auto& replies = crowd.replies();
  EXPECT_EQ(replies[users[0]].at(0).status, 201);
  EXPECT_EQ(replies[users[1]].at(0).status, 201);
  EXPECT_TRUE(is_problem(replies[users[2]].at(0), 409, "not-enough-seats"));
  EXPECT_TRUE(is_problem(replies[unknown].at(0), 404, "user-not-found"));
  EXPECT_EQ(replies[users[4]].at(0).header("Idempotency-Replayed"), "true");
  EXPECT_TRUE(is_problem(replies[users[5]].at(0), 422, "idempotency-key-reused"));
  Statuses twins;
  for (const Reply& reply : replies[users[3]]) {
    ++twins[reply.status];
    EXPECT_EQ(reply.json()["booking_id"], replies[users[3]].at(0).json()["booking_id"]);
  }
  EXPECT_EQ(twins, (Statuses{{200, 2}, {201, 1}}));
  EXPECT_EQ(database.seats_available(event), 20 - 1 - 1 - 1 - 2 - 1);
  EXPECT_EQ(one.post("/bookings", booking_fields(users[1], event, 2, nasty)).status, 200);
}

// A booking that makes the database fail must not cost the others of its batch their seats.
TEST_F(Batches, APoisonedCallHurtsNoOther) {
  constexpr int others = 20;
  const ServiceProcess service;  // its 500 is what this test is about
  HttpClient one(service.url());
  const auto users = new_users(others + 1);
  const auto event = new_event(100);
  const auto poisoned = users[7];
  {
    const Poison poison(poisoned);
    Crowd crowd(service.url());
    ASSERT_NO_FATAL_FAILURE(book_as_one_batch(crowd, one, users, event));
    EXPECT_EQ(crowd.statuses(), (Statuses{{201, others}, {500, 1}}));
    EXPECT_TRUE(is_problem(crowd.replies()[poisoned].at(0), 500, "internal"));
  }
  EXPECT_EQ(database.seats_available(event), 100 - others);
  EXPECT_EQ(database.live_seats(event), others);
  EXPECT_GE(metric(one, "evently_batch_splits_total"), 4);
}

// More callers than the pool has connections wait for one event: one of them takes a connection.
TEST_F(Batches, CallersOfALockedEventAreAnsweredInTimeAndDelayNoOther) {
  constexpr int callers = 40;
  constexpr int queue_budget_ms = 300;
  const ServiceProcess service{{"EVENTLY_QUEUE_BUDGET_MS", std::to_string(queue_budget_ms)},
                               {"DB_POOL_SIZE", "2"},
                               {"DB_MAX_OVERFLOW", "0"}};
  HttpClient one(service.url());
  const auto users = new_users(callers + 1);
  const auto event = new_event(100);
  const auto other_event = new_event(100);
  std::optional<HeldEvent> held(std::in_place, event);
  Crowd first(service.url());
  first.book(users[0], booking_fields(users[0], event));
  ASSERT_TRUE(gathered(one, 0));
  Crowd crowd(service.url());
  const auto start = Clock::now();
  for (int i = 1; i <= callers; ++i) crowd.book(users[i], booking_fields(users[i], event));
  const auto other_start = Clock::now();
  EXPECT_EQ(one.post("/bookings", booking_fields(users[0], other_event)).status, 201);
  EXPECT_EQ(one.get("/events/" + std::to_string(event)).status, 200);
  EXPECT_LT(since(other_start), Milliseconds(1000));
  crowd.join();
  EXPECT_GE(since(start), Milliseconds(queue_budget_ms));
  EXPECT_EQ(crowd.statuses(), (Statuses{{503, callers}}));
  for (auto& [user, replies] : crowd.replies()) {
    EXPECT_TRUE(is_problem(replies.at(0), 503, "busy"));
    EXPECT_EQ(replies.at(0).header("Retry-After"), "1");
  }
  held->release();
  first.join();
  EXPECT_EQ(first.statuses(), (Statuses{{201, 1}})) << "it was in a batch already";
  EXPECT_EQ(database.live_seats(event), 1);
  EXPECT_EQ(metric(one, "evently_queue_length"), 0);
}

TEST_F(Batches, CancellationsGatherToo) {
  constexpr int others = 20;
  constexpr int repeats = 3;
  const ServiceProcess service{{"DB_POOL_SIZE", "2"}, {"DB_MAX_OVERFLOW", "0"}};
  HttpClient one(service.url());
  auto users = new_users(others + 1);
  const auto event = new_event(100);
  const auto other_event = new_event(100);
  auto bookings = booked_by_each(users, event);
  users.insert(users.end(), repeats, users[7]);
  bookings.insert(bookings.end(), repeats, bookings[7]);
  HeldEvent held(event);
  Crowd crowd(service.url());
  ASSERT_NO_FATAL_FAILURE(gather_cancellations(crowd, one, users, bookings));
  EXPECT_EQ(one.post("/bookings", booking_fields(users[0], other_event)).status, 201);
  held.release();
  crowd.join();
  EXPECT_EQ(crowd.statuses(), (Statuses{{200, others + 1 + repeats}}));
  EXPECT_EQ(database.seats_available(event), 100);
  EXPECT_EQ(database.live_seats(event), 0);
  EXPECT_TRUE(is_problem(one.del("/bookings/" + unused_id), 404, "booking-not-found"));
}

TEST_F(Batches, APoisonedCancellationHurtsNoOther) {
  constexpr int others = 10;
  const ServiceProcess service;  // its 500 is what this test is about
  HttpClient one(service.url());
  const auto users = new_users(others + 1);
  const auto event = new_event(100);
  const auto bookings = booked_by_each(users, event);
  const Poison poison(users[5]);
  HeldEvent held(event);
  Crowd crowd(service.url());
  ASSERT_NO_FATAL_FAILURE(gather_cancellations(crowd, one, users, bookings));
  held.release();
  crowd.join();
  EXPECT_EQ(crowd.statuses(), (Statuses{{200, others}, {500, 1}}));
  EXPECT_TRUE(is_problem(crowd.replies()[users[5]].at(0), 500, "internal"));
  EXPECT_EQ(database.seats_available(event), 99);
}

TEST_F(Batches, ASoldOutEventIsRememberedForAMoment) {
  const std::string from_memory = "evently_sold_out_memory_refusals_total";
  const auto user = new_user();
  const auto event = new_event(1);
  booked(user, event);
  const double before = metric(client, from_memory);
  EXPECT_TRUE(eventually_true(patience, "nothing is remembered", [&] {
    EXPECT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
    return metric(client, from_memory) > before;
  }));
  // A key is looked up all the same.
  EXPECT_EQ(book(user, new_event(1), 1, "key").status, 201);
  const double so_far = metric(client, from_memory);
  EXPECT_TRUE(is_problem(book(user, event, 1, "another"), 409, "not-enough-seats"));
  EXPECT_EQ(metric(client, from_memory), so_far);
}

TEST_F(Batches, ANewKeyIsRefusedWithoutTheLockWhenSoldOut) {
  await_all_parts();
  const auto user = new_user();
  const auto event = new_event(1);
  booked(user, event);
  ASSERT_TRUE(tokens_become(event, 0));
  const HeldEvent held(event);
  const auto start = Clock::now();
  EXPECT_TRUE(is_problem(book(user, event, 1, "new"), 409, "not-enough-seats"));
  EXPECT_LT(since(start), Milliseconds(1000)) << "the lock was waited for";
}

}  // namespace
}  // namespace evently
