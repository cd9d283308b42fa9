// Many clients at once. Runs with and without Redis; tokens are looked at where there are any.
#include <atomic>
#include <map>
#include <mutex>

#include "tests/support/redis.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

class Concurrency : public ServiceTest {
 protected:
  // How often each status was answered. A client that got no answer counts as 0.
  struct Tally {
    void add(const std::optional<Reply>& reply) {
      const std::lock_guard lock(mutex);
      ++statuses[reply ? reply->status : 0];
      if (reply && reply->status == 201) bookings.push_back(reply->json()["booking_id"]);
    }
    std::mutex mutex;
    std::map<int, int> statuses;
    std::vector<std::int64_t> bookings;
  };
  using Statuses = std::map<int, int>;

  void expect_sold_out(std::int64_t event, int capacity) {
    EXPECT_EQ(database.seats_available(event), 0);
    EXPECT_EQ(database.live_seats(event), capacity);
    EXPECT_EQ(database.violations(), "");
    if (redis_runs()) {
      EXPECT_TRUE(tokens_become(event, 0));
    }
  }
};

TEST_F(Concurrency, OneHundredSeventyTwoBookingsOnTenSeats) {
  constexpr int capacity = 10;
  constexpr int requests = 172;
  const auto event = new_event(capacity);
  const auto users = new_users(requests);
  Tally tally;
  together(requests, [&](std::size_t i) {
    tally.add(HttpClient().try_send("POST", "/bookings", booking_fields(users[i], event).dump()));
  });
  EXPECT_EQ(tally.statuses, (Statuses{{201, capacity}, {409, requests - capacity}}));
  expect_sold_out(event, capacity);
}

TEST_F(Concurrency, SixtyFourClientsOnFiveHundredSeats) {
  constexpr int capacity = 500;
  constexpr int requests = 2000;
  constexpr int clients = 64;
  const auto event = new_event(capacity);
  const auto users = new_users(clients);
  Tally tally;
  std::atomic<int> sent{0};
  together(clients, [&](std::size_t i) {
    HttpClient one;
    while (sent++ < requests)
      tally.add(one.try_send("POST", "/bookings", booking_fields(users[i], event).dump()));
  });
  EXPECT_EQ(tally.statuses, (Statuses{{201, capacity}, {409, requests - capacity}}));
  EXPECT_EQ(tally.bookings.size(), static_cast<std::size_t>(capacity));
  expect_sold_out(event, capacity);
}

TEST_F(Concurrency, TheSameKeyFromTwentyClientsBooksOnce) {
  constexpr int clients = 20;
  const auto user = new_user();
  for (int round = 0; round < 5; ++round) {
    const auto event = new_event(100);
    std::mutex mutex;
    std::map<int, int> statuses;
    std::map<std::int64_t, int> bookings;
    const std::string key = unique_word("key");
    together(clients, [&](std::size_t) {
      const Reply reply = HttpClient().post("/bookings", booking_fields(user, event, 2, key));
      const std::lock_guard lock(mutex);
      ++statuses[reply.status];
      ++bookings[reply.json().value("booking_id", std::int64_t{0})];
      EXPECT_EQ(reply.header("Idempotency-Replayed"), reply.status == 200 ? "true" : "");
    });
    EXPECT_EQ(statuses, (Statuses{{200, clients - 1}, {201, 1}}));
    EXPECT_EQ(bookings.size(), 1u);
    EXPECT_EQ(database.seats_available(event), 98);
  }
}

// With the last seat gone the repeats meet tokens at 0, and still have to find their booking.
TEST_F(Concurrency, TheSameKeyFromTwentyClientsOnTheLastSeat) {
  constexpr int clients = 20;
  const auto user = new_user();
  for (int round = 0; round < 5; ++round) {
    const auto event = new_event(1);
    std::mutex mutex;
    std::map<int, int> statuses;
    const std::string key = unique_word("key");
    together(clients, [&](std::size_t) {
      const Reply reply = HttpClient().post("/bookings", booking_fields(user, event, 1, key));
      const std::lock_guard lock(mutex);
      ++statuses[reply.status];
    });
    EXPECT_EQ(statuses, (Statuses{{200, clients - 1}, {201, 1}})) << "round " << round;
    EXPECT_EQ(database.seats_available(event), 0);
  }
}

TEST_F(Concurrency, TwoCancelsAtOnceRefundOnce) {
  const auto event = new_event(10);
  const auto user = new_user();
  booked(user, event, 5);  // so that a second refund would fit under the capacity
  for (int round = 0; round < 20; ++round) {
    const std::string path = "/bookings/" + std::to_string(booked(user, event, 2));
    together(2, [&](std::size_t) {
      const Reply reply = HttpClient().del(path);
      EXPECT_EQ(reply.status, 200) << reply.body;
    });
    ASSERT_EQ(database.seats_available(event), 5) << "round " << round;
  }
}

TEST_F(Concurrency, BookingAndCancellingEndsWhereItBegan) {
  constexpr int clients = 16;
  constexpr int rounds = 20;
  const auto event = new_event(8);
  const auto users = new_users(clients);
  std::atomic<int> bookings{0};
  together(clients, [&](std::size_t i) {
    HttpClient one;
    for (int round = 0; round < rounds; ++round) {
      const Reply reply = one.post("/bookings", booking_fields(users[i], event));
      if (reply.status == 201) {
        ++bookings;
        EXPECT_EQ(one.del(reply.header("Location")).status, 200);
      } else {
        EXPECT_TRUE(is_problem(reply, 409, "not-enough-seats"));
      }
    }
  });
  EXPECT_GT(bookings, 0);
  EXPECT_EQ(database.seats_available(event), 8);
  if (redis_runs()) {
    EXPECT_TRUE(tokens_become(event, 8));
  }
}

// Others are refused all the while, so that the event is remembered as sold out again and again.
TEST_F(Concurrency, ACancelledSeatCanBeBookedAtOnce) {
  constexpr int rounds = 100;
  const auto event = new_event(1);
  const auto user = new_user();
  std::atomic<bool> stopping{false};
  std::vector<std::thread> refused;
  for (int i = 0; i < 4; ++i) {
    refused.emplace_back([&] {
      HttpClient one;
      while (!stopping) one.try_send("POST", "/bookings", booking_fields(user, event, 2).dump());
    });
  }
  int failed = 0;
  for (int round = 0; round < rounds; ++round) {
    const Reply reply = book(user, event);
    if (reply.status != 201) {
      ++failed;
    } else {
      EXPECT_EQ(client.del(reply.header("Location")).status, 200);
    }
  }
  stopping = true;
  for (std::thread& thread : refused) thread.join();
  EXPECT_EQ(failed, 0);
}

TEST_F(Concurrency, WhatWasBookedIsReadAtOnce) {
  const auto event = new_event(100);
  const auto user = new_user();
  const std::string path = "/events/" + std::to_string(event);
  std::atomic<bool> stopping{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      HttpClient one;
      while (!stopping) one.try_send("GET", path);
    });
  }
  int stale = 0;
  for (int left = 99; left >= 0; --left) {
    EXPECT_EQ(book(user, event).status, 201);
    stale += client.get(path).json()["seats_available"] == left ? 0 : 1;
  }
  stopping = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(stale, 0);
}

TEST_F(Concurrency, OneAddressForOneUser) {
  const std::string email = unique_word("racing") + "@example.com";
  std::mutex mutex;
  std::map<int, int> statuses;
  together(8, [&](std::size_t) {
    const Reply reply = HttpClient().post("/users", {{"email", email}});
    const std::lock_guard lock(mutex);
    ++statuses[reply.status];
  });
  EXPECT_EQ(statuses, (Statuses{{201, 1}, {409, 7}}));
}

// If-Match exists for this: of two administrators that read the same version, one is refused.
TEST_F(Concurrency, OneChangeForOneETag) {
  const auto event = new_event(5);
  const std::string etag = client.get("/events/" + std::to_string(event)).header("ETag");
  std::mutex mutex;
  std::map<int, int> statuses;
  together(8, [&](std::size_t i) {
    const Reply reply =
        HttpClient().as_admin().put("/admin/events/" + std::to_string(event),
                                    {{"name", "Name " + std::to_string(i)}}, {{"If-Match", etag}});
    const std::lock_guard lock(mutex);
    ++statuses[reply.status];
  });
  EXPECT_EQ(statuses, (Statuses{{200, 1}, {412, 7}}));
}

}  // namespace
}  // namespace evently
