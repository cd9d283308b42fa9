// Limits by client address: of requests where they are set, of wrong admin keys always.
#include <memory>
#include <random>
#include <vector>

#include "tests/support/raw_socket.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr int burst = 5;
constexpr Milliseconds prompt{2000};
// On a busy machine Redis may miss the usual time limit, and then each service counts for itself.
constexpr const char* patient_ms = "5000";

// One that no earlier test has used: buckets are shared through Redis.
std::string fresh_address() {
  static std::mt19937 random(std::random_device{}());
  std::uniform_int_distribution<int> byte(1, 254);
  return "10." + std::to_string(byte(random)) + "." + std::to_string(byte(random)) + "." +
         std::to_string(byte(random));
}

class RateLimit : public ServiceTest {
 protected:
  using Settings = ServiceProcess::Settings;

  // Settings of a service that believes a test's address, and limits it to one request a second.
  static Settings limited(const std::string& redis_url = setting("REDIS_URL")) {
    return {{"EVENTLY_RATE_LIMIT_PER_S", "1"},
            {"EVENTLY_RATE_LIMIT_BURST", std::to_string(burst)},
            {"EVENTLY_TRUSTED_PROXIES", "127.0.0.1"},
            {"EVENTLY_REDIS_TIMEOUT_MS", patient_ms},
            {"REDIS_URL", redis_url}};
  }

  // Asks as that address until refused; as many as were served. Tokens come back meanwhile, one a
  // second, so there may be some more than the burst.
  static int served_until_refused(const Texts& urls, const std::string& address,
                                  const std::string& path = "/events?limit=1") {
    std::vector<std::unique_ptr<HttpClient>> clients;
    for (const std::string& url : urls) clients.push_back(std::make_unique<HttpClient>(url));
    for (int i = 0; i < 100; ++i) {
      const Reply reply =
          clients[static_cast<std::size_t>(i) % clients.size()]->get(path, from(address));
      if (reply.status == 429) return i;
    }
    return 100;
  }
  static void expect_limited(const Texts& urls) {
    const auto start = Clock::now();
    const int served = served_until_refused(urls, fresh_address());
    const auto seconds = static_cast<int>(since(start).count() / 1000);
    EXPECT_GE(served, burst);
    EXPECT_LE(served, burst + seconds + 1);
  }
  static Headers from(const std::string& address) { return {{"X-Forwarded-For", address}}; }
  static double metric(HttpClient& one, const std::string& series) {
    return metric_of(one, series).value_or(-1);
  }
};

TEST_F(RateLimit, IsOffUnlessSet) {
  for (int i = 0; i < 300; ++i) {
    const Reply reply = client.get("/events?limit=1");
    ASSERT_EQ(reply.status, 200);
    ASSERT_EQ(reply.header("RateLimit"), "");
    ASSERT_EQ(reply.header("RateLimit-Policy"), "");
  }
}

TEST_F(RateLimit, RefusesAnAddressThatAsksTooOften) {
  const ServiceProcess service(limited());
  HttpClient one(service.url());
  const std::string address = fresh_address();
  const Reply first = one.get("/events?limit=1", from(address));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.header("RateLimit-Policy"), "\"client\";q=5;w=5");
  EXPECT_EQ(first.header("RateLimit"), "\"client\";r=4;t=4");
  served_until_refused({service.url()}, address);
  const Reply refused = one.get("/events?limit=1", from(address));
  EXPECT_TRUE(is_problem(refused, 429, "too-many-requests"));
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("RateLimit"), "\"client\";r=0;t=1");
  EXPECT_EQ(one.get("/events?limit=1", from(fresh_address())).status, 200) << "another address";
  EXPECT_TRUE(eventually_true(prompt, "never served again", [&] {
    return one.get("/events?limit=1", from(address)).status == 200;
  }));
  EXPECT_GE(metric(one, "evently_rate_limited_total{policy=\"client\"}"), 2);
}

TEST_F(RateLimit, CountsRefusalsButNoProbes) {
  const ServiceProcess service(limited());
  HttpClient one(service.url());
  const std::string address = fresh_address();
  for (const char* path : {"/health", "/ready", "/metrics"})
    for (int i = 0; i < 3 * burst; ++i)
      ASSERT_EQ(one.get(path, from(address)).status, 200) << "monitoring must not be locked out";
  EXPECT_EQ(one.get("/health").header("RateLimit"), "");
  EXPECT_LE(served_until_refused({service.url()}, fresh_address(), "/nowhere"), burst + 3);
}

// An answer before the body is read would have to close the connection.
TEST_F(RateLimit, KeepsTheConnectionOfARefusedBooking) {
  const ServiceProcess service(limited());
  const std::string address = fresh_address();
  const std::string head = "POST /bookings HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + address +
                           "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  RawSocket socket(service.url());
  int refused = 0;
  for (int i = 0; i < 4 * burst; ++i) {
    ASSERT_TRUE(socket.send(head)) << i;
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << i;
    ASSERT_TRUE(reply->status == 400 || reply->status == 429) << reply->body;
    refused += reply->status == 429 ? 1 : 0;
  }
  EXPECT_GE(refused, burst);
}

// A client that asks first whether it may send its body is refused as well.
TEST_F(RateLimit, RefusesABodyBeforeItIsSent) {
  const ServiceProcess service(limited());
  const std::string address = fresh_address();
  served_until_refused({service.url()}, address);
  RawSocket socket(service.url());
  socket.send("POST /bookings HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: " + address +
              "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n"
              "Content-Length: 2\r\n\r\n");
  const auto refused = socket.receive(prompt);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
}

TEST_F(RateLimit, IsOneForAllServices) {
  const ServiceProcess one(limited());
  const ServiceProcess two(limited());
  expect_limited({one.url(), two.url()});
}

TEST_F(RateLimit, IsKeptInTheProcessWithoutRedis) {
  const ServiceProcess none(limited(""));
  expect_limited({none.url()});
  const ServiceProcess gone(limited("redis://127.0.0.1:1"));
  expect_limited({gone.url()});
  HttpClient one(gone.url());
  EXPECT_GE(metric(one, "evently_rate_limit_decisions_total{by=\"process\"}"), burst);
  EXPECT_EQ(metric(one, "evently_rate_limit_decisions_total{by=\"redis\"}"), 0);
}

// A client that is not behind a trusted proxy cannot choose its address.
TEST_F(RateLimit, BelievesNoAddressThatIsMadeUp) {
  const ServiceProcess service{
      {"EVENTLY_RATE_LIMIT_PER_S", "1"}, {"EVENTLY_RATE_LIMIT_BURST", "5"}, {"REDIS_URL", ""}};
  HttpClient one(service.url());
  const auto start = Clock::now();
  int served = 0;
  for (int i = 0; i < 50; ++i)
    served += one.get("/events?limit=1", from(fresh_address())).status == 200 ? 1 : 0;
  EXPECT_LE(served, burst + 1 + static_cast<int>(since(start).count() / 1000));
}

class AdminFailures : public RateLimit {
 protected:
  // A token comes back each 20 s.
  static Settings three_a_minute(const std::string& redis_url = setting("REDIS_URL")) {
    return {{"EVENTLY_ADMIN_FAILURES_PER_MIN", "3"},
            {"EVENTLY_TRUSTED_PROXIES", "127.0.0.1"},
            {"EVENTLY_REDIS_TIMEOUT_MS", patient_ms},
            {"REDIS_URL", redis_url}};
  }
  static Reply show(HttpClient& one, const std::string& address, const std::string& key) {
    Headers headers = from(address);
    headers.emplace("X-Admin-Key", key);
    return one.get("/admin/analytics", headers);
  }
};

TEST_F(AdminFailures, EndInARefusalToLookAtKeys) {
  const ServiceProcess service(three_a_minute());
  const std::string right = setting("ADMIN_KEY");
  const std::string address = fresh_address();
  HttpClient one(service.url());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(show(one, address, right).status, 200);
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(show(one, address, "").status, 401) << "without a key nothing is guessed";
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(is_problem(show(one, address, "wrong"), 401, "admin-key-required"));
  const Reply refused = show(one, address, "wrong");
  EXPECT_TRUE(is_problem(refused, 429, "too-many-requests"));
  EXPECT_EQ(refused.header("RateLimit-Policy"), "\"admin-failures\";q=3;w=60");
  EXPECT_GE(std::stoi(refused.header("Retry-After")), 1);
  EXPECT_LE(std::stoi(refused.header("Retry-After")), 20);
  EXPECT_EQ(show(one, address, right).status, 429) << "else guessing would go on unhindered";
  EXPECT_EQ(show(one, fresh_address(), right).status, 200);
  EXPECT_EQ(one.get("/events?limit=1", from(address)).status, 200) << "it is about keys only";
  EXPECT_EQ(one.get("/events?limit=1").header("RateLimit"), "");
  EXPECT_GE(metric(one, "evently_rate_limited_total{policy=\"admin-failures\"}"), 2);
}

// Else a guess would cost as much as twenty requests.
TEST_F(AdminFailures, AreCountedApartFromRequests) {
  Settings both = limited();
  both.merge(three_a_minute());
  const ServiceProcess service(both);
  const std::string address = fresh_address();
  HttpClient one(service.url());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(show(one, address, "wrong").status, 401);
  EXPECT_EQ(one.get("/events?limit=1", from(address)).status, 200);
}

TEST_F(AdminFailures, CountInAllServicesTogether) {
  const ServiceProcess first(three_a_minute());
  const ServiceProcess second(three_a_minute());
  const std::string address = fresh_address();
  HttpClient one(first.url());
  HttpClient two(second.url());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(show(one, address, "wrong").status, 401);
  EXPECT_EQ(show(two, address, "wrong").status, 429);
  EXPECT_EQ(show(two, address, setting("ADMIN_KEY")).status, 429);
}

TEST_F(AdminFailures, CountWithoutRedisToo) {
  const ServiceProcess service(three_a_minute(""));
  const std::string address = fresh_address();
  HttpClient one(service.url());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(show(one, address, "wrong").status, 401);
  EXPECT_EQ(show(one, address, "wrong").status, 429);
  EXPECT_EQ(show(one, address, setting("ADMIN_KEY")).status, 429);
}

}  // namespace
}  // namespace evently
