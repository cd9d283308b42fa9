// Settings that only show over HTTP, on services of the test's own.
#include <unistd.h>

#include <memory>
#include <vector>

#include "tests/support/raw_socket.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/taken_port.h"

namespace evently {
namespace {

class Settings : public ServiceTest {};

TEST_F(Settings, OriginsThatMayCall) {
  const ServiceProcess service{{"EVENTLY_CORS_ORIGINS", "https://shop.example, https://b.example"}};
  HttpClient one(service.url());
  const Reply allowed = one.get("/events", {{"Origin", "https://b.example"}});
  EXPECT_EQ(allowed.header("Access-Control-Allow-Origin"), "https://b.example");
  EXPECT_NE(allowed.header("Access-Control-Expose-Headers").find("Location"), std::string::npos);
  EXPECT_NE(allowed.header("Vary").find("Origin"), std::string::npos);
  for (const char* origin : {"https://evil.example", "https://shop.example.evil", "null"})
    EXPECT_EQ(one.get("/events", {{"Origin", origin}}).header("Access-Control-Allow-Origin"), "");
  const Reply preflight =
      one.send("OPTIONS", "/bookings", "",
               {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.header("Access-Control-Allow-Origin"), "https://shop.example");
  EXPECT_NE(preflight.header("Access-Control-Allow-Methods").find("POST"), std::string::npos);
  EXPECT_NE(preflight.header("Access-Control-Allow-Headers").find("Idempotency-Key"),
            std::string::npos);
  for (const char* name : {"Authorization", "traceparent"})
    EXPECT_NE(preflight.header("Access-Control-Allow-Headers").find(name), std::string::npos)
        << name;
  // A refusal has to be readable as well.
  EXPECT_EQ(
      one.get("/nowhere", {{"Origin", "https://b.example"}}).header("Access-Control-Allow-Origin"),
      "https://b.example");
}

TEST_F(Settings, HeadersThatAPageMaySet) {
  const ServiceProcess service{{"EVENTLY_CORS_ORIGINS", "*"},
                               {"EVENTLY_CORS_HEADERS", "X-Shop, Content-Type"}};
  const Reply preflight =
      HttpClient(service.url())
          .send("OPTIONS", "/bookings", "",
                {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(preflight.header("Access-Control-Allow-Headers"), "X-Shop, Content-Type");
}

TEST_F(Settings, ProxiesWhoseWordCounts) {
  const ServiceProcess service{{"EVENTLY_TRUSTED_PROXIES", "127.0.0.0/8, 10.1.0.0/16"}};
  HttpClient one(service.url());
  one.get("/health", {{"X-Forwarded-For", "198.51.100.7, 203.0.113.5, 10.1.2.3"},
                      {"X-Request-Id", "forwarded"}});
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "not in the log", [&] {
    return service.log().find("forwarded") != std::string::npos;
  }));
  // The last one that is no proxy of ours; what stands before it any client can write.
  EXPECT_NE(service.log().find("203.0.113.5"), std::string::npos) << service.log();
  EXPECT_EQ(service.log().find("198.51.100.7"), std::string::npos) << service.log();
}

// Beyond the limit a client is told so, and the others are served as before.
TEST_F(Settings, ConnectionsBeyondTheLimitAreTurnedAway) {
  constexpr int most = 5;
  const ServiceProcess service{{"EVENTLY_HTTP_CONNECTIONS", std::to_string(most)}};
  std::vector<std::unique_ptr<RawSocket>> sockets;
  const auto ask = [&] {
    sockets.push_back(std::make_unique<RawSocket>(service.url()));
    sockets.back()->send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    return sockets.back()->receive(Milliseconds(2000));
  };
  for (int i = 0; i < most; ++i) {
    const auto reply = ask();
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->status, 200) << i;
  }
  const auto refused = ask();
  ASSERT_TRUE(refused);
  EXPECT_TRUE(is_problem(*refused, 503, "busy"));
  EXPECT_EQ(refused->header("Retry-After"), "1");
  EXPECT_TRUE(sockets.back()->closes(Milliseconds(2000)));

  sockets.erase(sockets.begin());
  HttpClient one(service.url());
  EXPECT_TRUE(eventually_true(Milliseconds(2000), "no room again", [&] {
    return one.try_send("GET", "/health").value_or(Reply{}).status == 200;
  }));
  EXPECT_GE(metric_of(one, "evently_http_connections_refused_total"), 1);
  EXPECT_LE(metric_of(one, "evently_http_connections"), most);
}

TEST_F(Settings, ConnectionsAreNoMoreThanOpenFilesAllow) {
  const ServiceProcess service({{"EVENTLY_HTTP_CONNECTIONS", "1000000"}});
  EXPECT_EQ(HttpClient(service.url()).get("/health").status, 200);
  EXPECT_NE(service.log().find("limit of open files"), std::string::npos) << service.log();
}

TEST_F(Settings, NoRedisAtAll) {
  const ServiceProcess service{{"REDIS_URL", ""}};
  HttpClient one(service.url());
  EXPECT_EQ(one.get("/ready").status, 200);
  const auto user = new_user();
  const auto event = new_event(1);
  EXPECT_EQ(one.post("/bookings", booking_fields(user, event, 1, "k")).status, 201);
  EXPECT_EQ(one.post("/bookings", booking_fields(user, event, 1, "k")).status, 200);
  EXPECT_TRUE(
      is_problem(one.post("/bookings", booking_fields(user, event)), 409, "not-enough-seats"));
}

TEST_F(Settings, ALargerBody) {
  const ServiceProcess service{{"EVENTLY_BODY_BYTES_MAX", "2000"}};
  HttpClient one(service.url());
  EXPECT_TRUE(
      has_faults(one.send("POST", "/users", "{" + std::string(1998, ' ') + "}"), {"email"}));
  EXPECT_TRUE(is_problem(one.send("POST", "/users", "{" + std::string(1999, ' ') + "}"), 413,
                         "payload-too-large"));
}

TEST_F(Settings, ADatabaseThatIsNotThere) {
  const ServiceProcess service{{"DATABASE_URL", "postgresql://stranger@127.0.0.1:1/nothing"}};
  HttpClient one(service.url());
  EXPECT_EQ(one.get("/health").status, 200);
  EXPECT_TRUE(is_problem(one.get("/ready"), 503, "unavailable"));
  EXPECT_TRUE(is_problem(one.get("/events"), 503, "unavailable"));
  EXPECT_TRUE(is_problem(one.post("/bookings", booking_fields(1, 1)), 503, "unavailable"));
}

// More callers than connections: the surplus waits its time and is told to come again.
TEST_F(Settings, ABoundedPool) {
  const ServiceProcess service{
      {"DB_POOL_SIZE", "1"}, {"DB_MAX_OVERFLOW", "0"}, {"EVENTLY_POOL_WAIT_MS", "100"}};
  const auto user = new_user();
  const auto event = new_event(5);
  HeldEvent held(event);
  Reply first;
  std::thread waiting(
      [&] { first = HttpClient(service.url()).post("/bookings", booking_fields(user, event)); });
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "no backend waits",
                              [&] { return database.waiting_for_lock() == 1; }));
  HttpClient second(service.url());
  const auto start = Clock::now();
  EXPECT_TRUE(is_problem(second.get("/events"), 503, "unavailable"));
  EXPECT_LT(since(start), Milliseconds(1000));
  EXPECT_NE(second.get("/metrics").body.find("\nevently_db_pool_in_use 1\n"), std::string::npos);
  held.release();
  waiting.join();
  EXPECT_EQ(first.status, 201) << first.body;
}

// What a service says that cannot start.
TEST_F(Settings, FaultsAreToldAllAtOnce) {
  try {
    const ServiceProcess service{{"DATABASE_URL", ""},
                                 {"REDIS_URL", "rediss://127.0.0.1"},
                                 {"DB_POOL_SIZE", "many"},
                                 {"EVENTLY_BIND", "0.0.0.0"},
                                 {"ADMIN_KEY", ""}};
    FAIL() << "it starts";
  } catch (const ServiceProcess::Ended& ended) {
    EXPECT_EQ(ended.status, 2);
    for (const char* name : {"DATABASE_URL", "REDIS_URL", "DB_POOL_SIZE", "ADMIN_KEY"})
      EXPECT_NE(ended.log.find(name), std::string::npos) << ended.log;
    EXPECT_NE(ended.log.find("TLS"), std::string::npos) << ended.log;
  }
}

TEST_F(Settings, APortThatIsTaken) {
  const TakenPort taken;
  try {
    const ServiceProcess service{{"PORT", std::to_string(taken.number())}};
    FAIL() << "it starts";
  } catch (const ServiceProcess::Ended& ended) {
    EXPECT_EQ(ended.status, 1);
    EXPECT_NE(ended.log.find("PORT"), std::string::npos) << ended.log;
  }
}

// With SO_REUSEPORT both would serve, each a part of the clients.
TEST_F(Settings, APortThatAnotherServiceHas) {
  const ServiceProcess first;
  try {
    ServiceProcess second{{"PORT", first.url().substr(first.url().rfind(':') + 1)}};
    EXPECT_EQ(second.exit_status(Milliseconds(5000)), 1) << "they share it";
    EXPECT_NE(second.log().find("PORT"), std::string::npos) << second.log();
  } catch (const ServiceProcess::Ended& ended) {  // before the first one answered for it
    EXPECT_EQ(ended.status, 1);
    EXPECT_NE(ended.log.find("PORT"), std::string::npos) << ended.log;
  }
}

}  // namespace
}  // namespace evently
