// What is promised while a part is gone, and when it is back. Each test leaves all parts running.
#include <signal.h>

#include <algorithm>
#include <future>
#include <map>
#include <optional>

#include "tests/support/load.h"
#include "tests/support/redis.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds quiet{1000};
constexpr Milliseconds recovery{10'000};
// Far above a booking's own time, far below a hang: the time-out of Redis is 50 ms.
constexpr Milliseconds bounded{1000};

class Degraded : public ServiceTest {
 protected:
  void SetUp() override { await_all_parts(); }

  void cancel_by_sql(std::int64_t booking) {
    OwnerDatabase().run("SELECT evently.cancel(" + std::to_string(booking) + ")");
  }
  void expect_kept(BookingLoad& load, std::int64_t event) {
    OwnerDatabase now;  // some tests restart the server
    load.expect_kept(now, event);
  }
};

TEST_F(Degraded, BookingsGoOnWithoutRedis) {
  const auto event = new_event(100'000);
  ASSERT_TRUE(tokens_become(event, 100'000));
  const PartRestored restored("redis");
  BookingLoad load(new_users(4), event);
  ASSERT_TRUE(eventually_true(recovery, "no booking", [&] { return load.acknowledged() > 20; }));
  stop_part("redis");
  const auto before = load.acknowledged();
  EXPECT_TRUE(eventually_true(recovery, "bookings do not go on",
                              [&] { return load.acknowledged() > before + 100; }));
  load.stop();
  EXPECT_EQ(load.statuses().size(), 1u) << "a request was refused or had no answer";
  EXPECT_EQ(load.statuses().begin()->first, 201);
  EXPECT_LT(load.longest_request(), bounded);
  expect_kept(load, event);
}

TEST_F(Degraded, RefusalsAndRepeatsGoOnWithoutRedis) {
  const auto user = new_user();
  const auto event = new_event(1);
  ASSERT_TRUE(tokens_become(event, 1));
  const PartRestored restored("redis");
  stop_part("redis");
  const Reply first = book(user, event, 1, "key");
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(book(user, event, 1, "key").status, 200);
  EXPECT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
  EXPECT_EQ(client.del(first.header("Location")).status, 200);
  EXPECT_EQ(book(user, event).status, 201);
}

TEST_F(Degraded, TokensAreRightSoonAfterRedisIsBackAndFlushed) {
  const auto user = new_user();
  const auto event = new_event(10);
  {
    const PartRestored restored("redis");
    stop_part("redis");
    booked(user, event, 3);
  }
  ASSERT_TRUE(tokens_become(event, 7, recovery)) << "the bridge does not come back";
  TestRedis().command({"FLUSHALL"});
  EXPECT_TRUE(tokens_become(event, 7));
  EXPECT_EQ(book(user, event, 7).status, 201);
  EXPECT_TRUE(tokens_become(event, 0));
}

TEST_F(Degraded, AFlushUnderLoadSellsNothingTwice) {
  const auto event = new_event(60);
  BookingLoad load(new_users(4), event);
  for (int i = 0; i < 5; ++i) {
    const auto before = load.acknowledged();
    EXPECT_TRUE(eventually_true(recovery, "no booking", [&] {
      return load.acknowledged() > before || load.statuses().count(409) > 0;
    }));
    TestRedis().command({"FLUSHALL"});
  }
  EXPECT_TRUE(
      eventually_true(recovery, "never sold out", [&] { return load.statuses().count(409) > 0; }));
  load.stop();
  EXPECT_EQ(load.acknowledged(), 60u);
  expect_kept(load, event);
  EXPECT_TRUE(tokens_become(event, 0));
}

TEST_F(Degraded, AFrozenRedisDelaysNoRequestForLong) {
  const auto event = new_event(1000);
  ASSERT_TRUE(tokens_become(event, 1000));
  const auto users = new_users(8);
  {
    const Frozen redis(part_pid("redis"));
    BookingLoad load(users, event);
    EXPECT_TRUE(eventually_true(recovery, "bookings do not go on",
                                [&] { return load.acknowledged() > 200; }));
    load.stop();
    EXPECT_LT(load.longest_request(), bounded);
    EXPECT_EQ(load.statuses().size(), 1u);
    expect_kept(load, event);
  }
  EXPECT_TRUE(tokens_become(event, database.seats_available(event), recovery));
}

// After a few that ran into the time-out of 50 ms, requests do not ask the frozen Redis any more.
TEST_F(Degraded, AFrozenRedisIsHardlyAsked) {
  constexpr int requests = 40;
  const auto user = new_user();
  const auto event = new_event(requests);
  const Frozen redis(part_pid("redis"));
  const auto start = Clock::now();
  for (int i = 0; i < requests; ++i) booked(user, event);
  EXPECT_LT(since(start), Milliseconds(requests * 50));
  EXPECT_NE(client.get("/metrics").body.find("\nevently_redis_breaker_open 1\n"),
            std::string::npos);
}

TEST_F(Degraded, ADeadBridgeHidesNoSeat) {
  const auto user = new_user();
  const auto event = new_event(1);
  const auto booking = booked(user, event);
  ASSERT_TRUE(tokens_become(event, 0));
  ASSERT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
  {
    const PartRestored restored("bridge");
    kill_part("bridge");
    cancel_by_sql(booking);
    // The lease of 1 s is what may still speak for the tokens (I9).
    EXPECT_TRUE(eventually_true(quiet, "sold out, falsely",
                                [&] { return book(user, event).status == 201; }));
    // Without a lease tokens are not asked at all.
    EXPECT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
  }
  EXPECT_TRUE(tokens_become(event, 0));
}

TEST_F(Degraded, TheBridgeCatchesUpWhenItIsBack) {
  const auto user = new_user();
  const auto event = new_event(5);
  const auto gone = new_event(5);
  const auto booking = booked(user, event, 5);
  ASSERT_TRUE(tokens_become(gone, 5));
  ASSERT_TRUE(tokens_become(event, 0));
  std::int64_t fresh = 0;
  {
    const PartRestored restored("bridge");
    kill_part("bridge");
    cancel_by_sql(booking);
    database.run("SELECT evently.delete_event(" + std::to_string(gone) + ")");
    fresh = database.value<std::int64_t>(
        "SELECT id FROM evently.create_event('Fresh', '2099-01-01Z', 8)");
  }
  EXPECT_TRUE(tokens_become(event, 5));
  EXPECT_TRUE(tokens_become(fresh, 8));
  EXPECT_EQ(TestRedis().tokens(gone), std::nullopt);
}

TEST_F(Degraded, AFrozenBridgeHidesNoSeat) {
  const auto user = new_user();
  const auto event = new_event(1);
  const auto booking = booked(user, event);
  ASSERT_TRUE(tokens_become(event, 0));
  {
    const Frozen bridge(part_pid("bridge"));
    cancel_by_sql(booking);
    EXPECT_TRUE(eventually_true(quiet, "sold out, falsely",
                                [&] { return book(user, event).status == 201; }));
  }
  EXPECT_TRUE(tokens_become(event, 0));
}

// A service with one connection, whose write-back waits for a frozen Redis: that connection serves
// another request meanwhile. It takes no time to pass, and more than the pool's wait to fail.
class FrozenRedis : public Degraded {
 protected:
  // Sends a call, and freezes Redis while the call waits for the lock of its event.
  void expect_connection_is_free_during_write_back(std::int64_t event, const std::string& method,
                                                   const std::string& path, const std::string& body,
                                                   int status) {
    const ServiceProcess service{{"DB_POOL_SIZE", "1"},
                                 {"DB_MAX_OVERFLOW", "0"},
                                 {"EVENTLY_POOL_WAIT_MS", "2000"},
                                 {"EVENTLY_REDIS_TIMEOUT_MS", "10000"}};
    const std::string elsewhere = "/users/" + std::to_string(new_user()) + "/bookings";
    std::optional<HeldEvent> held(std::in_place, event);
    auto call = std::async(std::launch::async,
                           [&] { return HttpClient(service.url()).try_send(method, path, body); });
    EXPECT_TRUE(eventually_true(recovery, "the call does not wait",
                                [&] { return database.waiting_for_lock() == 1; }));
    {
      const Frozen redis(part_pid("redis"));
      held->release();
      EXPECT_EQ(HttpClient(service.url()).get(elsewhere).status, 200) << "the lease goes on";
      EXPECT_EQ(call.wait_for(Milliseconds(0)), std::future_status::timeout)
          << "answered before the write-back";
    }
    const auto reply = call.get();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, status) << reply->body;
    EXPECT_EQ(tokens_differ(event, database.seats_available(event)), "");
  }
};

TEST_F(FrozenRedis, HoldsNoConnectionOfABooking) {
  const auto event = new_event(3);
  ASSERT_TRUE(tokens_become(event, 3));
  expect_connection_is_free_during_write_back(event, "POST", "/bookings",
                                              booking_fields(new_user(), event).dump(), 201);
}

TEST_F(FrozenRedis, HoldsNoConnectionOfACancellation) {
  const auto event = new_event(3);
  const auto booking = booked(new_user(), event);
  ASSERT_TRUE(tokens_become(event, 2));
  expect_connection_is_free_during_write_back(event, "DELETE",
                                              "/bookings/" + std::to_string(booking), "", 200);
}

TEST_F(Degraded, AKilledBackendCostsNoAcknowledgedBooking) {
  const auto event = new_event(100'000);
  BookingLoad load(new_users(8), event);
  ASSERT_TRUE(eventually_true(recovery, "no booking", [&] { return load.acknowledged() > 20; }));
  const auto backend = database.value<pid_t>(
      "SELECT pid FROM pg_stat_activity WHERE usename = 'evently_api' AND backend_type = "
      "'client backend' ORDER BY state, pid LIMIT 1");
  const auto before = load.acknowledged();
  ASSERT_EQ(kill(backend, SIGKILL), 0);
  EXPECT_TRUE(eventually_true(recovery, "not serving again",
                              [&] { return load.acknowledged() > before + 50; }));
  load.stop();
  expect_kept(load, event);
  EXPECT_TRUE(tokens_become(event, OwnerDatabase().seats_available(event), recovery));
}

// When the connection of a batch ends, the batch is sent again, with the same keys.
TEST_F(Degraded, EndedBackendsCostNoAcknowledgedBooking) {
  const auto event = new_event(100'000);
  BookingLoad load(new_users(16), event);
  for (int round = 0; round < 30; ++round) {
    const auto before = load.acknowledged();
    EXPECT_TRUE(eventually_true(recovery, "not serving",
                                [&] { return load.acknowledged() > before + 20; }));
    database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'evently_api'");
  }
  load.stop();
  expect_kept(load, event);
  EXPECT_TRUE(tokens_become(event, OwnerDatabase().seats_available(event), recovery));
}

TEST_F(Degraded, ARestartOfPostgresqlCostsNoAcknowledgedBooking) {
  const auto event = new_event(100'000);
  BookingLoad load(new_users(8), event);
  ASSERT_TRUE(eventually_true(recovery, "no booking", [&] { return load.acknowledged() > 20; }));
  {
    const PartRestored restored("postgres");
    stop_part("postgres");
    // Every answer in between is a 503 that says when to come again.
    EXPECT_TRUE(
        eventually_true(recovery, "no 503", [&] { return load.statuses().count(503) > 0; }));
    HttpClient other;
    EXPECT_EQ(other.get("/health").status, 200);
    EXPECT_EQ(other.get("/ready").status, 503);
    EXPECT_TRUE(is_problem(other.get("/events"), 503, "unavailable"));
    EXPECT_TRUE(is_problem(other.post("/users", {{"email", "a@example.com"}}), 503, "unavailable"));
    EXPECT_TRUE(has_faults(other.post("/users", Json::object()), {"email"}))
        << "what is wrong needs no database";
  }
  const auto before = load.acknowledged();
  EXPECT_TRUE(eventually_true(recovery, "not serving again",
                              [&] { return load.acknowledged() > before + 50; }));
  load.stop();
  expect_kept(load, event);
  // The restart began another epoch: everything in Redis was made again.
  EXPECT_TRUE(tokens_become(event, OwnerDatabase().seats_available(event), recovery));
  EXPECT_EQ(HttpClient().get("/ready").status, 200);
}

}  // namespace
}  // namespace evently
