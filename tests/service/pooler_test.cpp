// The service behind a pooler that gives each transaction another session: pgbouncer in transaction
// mode. No prepared statement and no setting of a session lasts there.
#include <atomic>

#include "tests/support/pgbouncer.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

constexpr int server_connections = 2;  // fewer than the service has, so that they change hands

class Pooler : public ServiceTest {
 protected:
  ServiceProcess::Settings settings(ServiceProcess::Settings own = {}) const {
    own["DATABASE_URL"] = pgbouncer_.url();
    own["EVENTLY_DB_PREPARE"] = "off";
    return own;
  }
  const Pgbouncer pgbouncer_{server_connections};
};

// Of the service's role while it stands: what a session has when nothing is said.
class OtherZone {
 public:
  OtherZone() { OwnerDatabase().run("ALTER ROLE evently_api SET TimeZone = 'Asia/Kathmandu'"); }
  ~OtherZone() { OwnerDatabase().run("ALTER ROLE evently_api RESET TimeZone"); }
  OtherZone(const OtherZone&) = delete;
  OtherZone& operator=(const OtherZone&) = delete;
};

TEST_F(Pooler, EverythingWorks) {
  const OtherZone zone;
  const ServiceProcess service(settings());
  HttpClient pooled(service.url());
  const std::string email = unique_word("pooled") + "@example.com";
  const auto user = pooled.post("/users", {{"email", email}}).json().at("id");
  HttpClient pooled_admin(service.url());
  pooled_admin.as_admin();
  const Json event = pooled_admin.post("/admin/events", event_fields(5)).json();
  EXPECT_EQ(event.at("start_at"), "2099-06-01T20:00:00Z") << "the time zone of the session";
  const Json wanted = booking_fields(user, event.at("id"), 2, "key");
  const Reply first = pooled.post("/bookings", wanted);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(pooled.post("/bookings", wanted).status, 200);
  const std::string id = std::to_string(event["id"].get<std::int64_t>());
  EXPECT_EQ(pooled.get("/events/" + id).json().at("seats_available"), 3);
  EXPECT_TRUE(is_problem(pooled.post("/bookings", booking_fields(user, event["id"], 4)), 409,
                         "not-enough-seats"));
  EXPECT_EQ(pooled.del(first.header("Location")).status, 200);
  EXPECT_EQ(pooled.get("/events/" + id).json().at("seats_available"), 5);
  EXPECT_EQ(pooled_admin.put("/admin/events/" + id, {{"capacity", 9}}).status, 200);
  EXPECT_EQ(pooled.get("/ready").status, 200);
}

TEST_F(Pooler, ManyClientsShareTwoSessionsAndSellEachSeatOnce) {
  constexpr int clients = 32;
  constexpr int rounds = 10;
  const ServiceProcess service(settings());
  const auto event = new_event(clients * rounds / 2);
  const auto users = new_users(clients);
  std::atomic<int> booked{0}, refused{0};
  together(clients, [&](int i) {
    HttpClient mine(service.url());
    for (int round = 0; round < rounds; ++round) {
      const int status = mine.post("/bookings", booking_fields(users[i], event)).status;
      if (status == 201) ++booked;
      if (status == 409) ++refused;
    }
  });
  EXPECT_EQ(booked, clients * rounds / 2);
  EXPECT_EQ(refused, clients * rounds / 2);
  EXPECT_EQ(database.seats_available(event), 0);
}

TEST_F(Pooler, TheTimeLimitsHold) {
  const auto user = new_user();
  const auto event = new_event(5);
  const ServiceProcess impatient(
      settings({{"EVENTLY_LOCK_TIMEOUT_MS", "200"}, {"MAX_RETRIES", "1"}}));
  const ServiceProcess hurried(
      settings({{"EVENTLY_LOCK_TIMEOUT_MS", "60000"}, {"EVENTLY_STATEMENT_TIMEOUT_MS", "300"}}));
  HttpClient first(impatient.url());
  HttpClient second(hurried.url());
  {
    const HeldEvent held(event);
    const auto start = Clock::now();
    EXPECT_TRUE(is_problem(first.post("/bookings", booking_fields(user, event)), 503, "busy"));
    EXPECT_GE(since(start), Milliseconds(400)) << "it was not retried";
    EXPECT_TRUE(
        is_problem(second.post("/bookings", booking_fields(user, event)), 503, "unavailable"));
    EXPECT_LT(since(start), Milliseconds(5000));
  }
  EXPECT_EQ(first.post("/bookings", booking_fields(user, event)).status, 201)
      << "the session was given back within a failed transaction";
}

TEST_F(Pooler, ServersThatEndAreReplaced) {
  const ServiceProcess service(settings());
  HttpClient pooled(service.url());
  const auto user = new_user();
  const auto event = new_event(5);
  ASSERT_EQ(pooled.post("/bookings", booking_fields(user, event)).status, 201);
  database.run(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'evently_api'");
  EXPECT_TRUE(eventually_true(Milliseconds(5000), "no booking", [&] {
    return pooled.post("/bookings", booking_fields(user, event, 1, "after")).status == 201;
  }));
}

}  // namespace
}  // namespace evently
