// Clients that are slow, idle or greedy, and a small fuzzer: others are served meanwhile.
#include <sys/socket.h>

#include <memory>
#include <random>
#include <sstream>
#include <vector>

#include "tests/support/raw_socket.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds prompt{2000};
// What the service grants one request to arrive, with some air.
constexpr Milliseconds patience{15'000};

class HostileLoad : public ServiceTest {
 protected:
  using Sockets = std::vector<std::unique_ptr<RawSocket>>;

  static Sockets connect(int count, const std::string& bytes) {
    Sockets sockets;
    for (int i = 0; i < count; ++i) {
      sockets.push_back(std::make_unique<RawSocket>());
      sockets.back()->send(bytes);
    }
    return sockets;
  }
  static testing::AssertionResult others_are_served() {
    const auto start = Clock::now();
    const auto reply = HttpClient().try_send("GET", "/events?limit=1");
    if (!reply || reply->status != 200) return testing::AssertionFailure() << "no answer";
    if (since(start) > prompt)
      return testing::AssertionFailure() << "after " << since(start).count() << " ms";
    return testing::AssertionSuccess();
  }
};

TEST_F(HostileLoad, SlowClientsAreCutOffAndDelayNoOther) {
  const Sockets heads = connect(60, "GET /health HTTP/1.1\r\nHost: local");
  const Sockets bodies = connect(60,
                                 "POST /users HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                 "application/json\r\nContent-Length: 50\r\n\r\n{");
  // One byte now and then, as a slow-loris does: the whole request has a deadline, not each byte.
  const auto start = Clock::now();
  bool cut_off = false;
  while (!cut_off && since(start) < patience) {
    EXPECT_TRUE(others_are_served());
    heads.front()->send("h");
    cut_off = !heads.front()->receive_all(Milliseconds(500)).empty() ||
              heads.front()->closes(Milliseconds(0));
  }
  EXPECT_TRUE(cut_off) << "it may go on for ever";
  for (const Sockets* sockets : {&heads, &bodies})
    for (std::size_t i = 1; i < sockets->size(); ++i) {
      const std::string answer = (*sockets)[i]->receive_all(prompt);
      EXPECT_TRUE(answer.empty() || answer.rfind("HTTP/1.1 408", 0) == 0) << answer;
    }
}

TEST_F(HostileLoad, IdleConnectionsDelayNoOther) {
  const std::string request = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const Sockets idle = connect(2000, request);
  for (const auto& socket : idle) {
    const auto reply = socket->receive(prompt);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
  }
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(others_are_served());
}

TEST_F(HostileLoad, SilentConnectionsDelayNoOther) {
  const Sockets silent = connect(2000, "");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(others_are_served());
}

TEST_F(HostileLoad, AClientThatNeverReadsDelaysNoOther) {
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const Sockets greedy = connect(20, requests);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(others_are_served());
}

// The kernel holds connections that are not accepted yet: with a short backlog some would wait for
// seconds, and be given up.
TEST_F(HostileLoad, ACrowdThatComesAtOnceIsNotTurnedAway) {
  constexpr int crowd = 500;
  Sockets sockets;
  {
    const Frozen service(part_pid("api"));  // accepts no connection
    const auto start = Clock::now();
    sockets = connect(crowd, "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_LT(since(start), prompt);
  }
  for (const auto& socket : sockets) {
    const auto reply = socket->receive(prompt);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
  }
}

// Neither a limit of 5 requests a connection, nor 44 ms for the acknowledgement that Nagle's
// algorithm waits for.
TEST_F(HostileLoad, AConnectionServesAHundredRequestsWithoutADelay) {
  constexpr int requests = 100;
  RawSocket socket;
  const auto start = Clock::now();
  for (int i = 0; i < requests; ++i) {
    socket.send("GET /events?limit=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->status, 200);
  }
  EXPECT_LT(since(start), Milliseconds(requests * 44 / 2));
}

// Brotli at its highest quality costs 29 ms an answer; pages are compressed when they are built.
TEST_F(HostileLoad, NoRequestMakesItCompress) {
  for (const char* path : {"/events", "/metrics", "/nowhere"}) {
    RawSocket socket;
    socket.send(std::string("GET ") + path +
                " HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip, deflate\r\n\r\n");
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << path;
    EXPECT_EQ(reply->header("Content-Encoding"), "") << path;
    EXPECT_EQ(reply->header("Content-Length"), std::to_string(reply->body.size())) << path;
  }
}

// Whatever a client writes, a line of the log is an object, and one that only the service can have
// written.
TEST_F(HostileLoad, TheLogStaysJson) {
  const std::size_t before = part_log_bytes("api");
  const std::string forged = R"({"level":"error","message":"forged"})";
  for (const std::string& target :
       Texts{"/\"},{\"level\":\"error\"", "/\xff\xfe\xc3", "/%0a" + forged, "/\\\\u0000\\",
             "/\x7f\x1b[2J", "/events?x=\"\n" + forged}) {
    RawSocket socket;
    socket.send("GET " + target +
                " HTTP/1.1\r\nHost: x\r\nX-Request-Id: \"}\\\r\nX-Forwarded-For: \"}\r\n" +
                "Connection: close\r\n\r\n");
    socket.receive_all(prompt);
  }
  const std::string last = HttpClient().get("/health").header("X-Request-Id");
  ASSERT_TRUE(eventually_true(prompt, "not in the log", [&] {
    return part_log("api", before).find(last) != std::string::npos;
  }));
  // From the byte before on: the first piece is the end of an older line, or nothing.
  std::istringstream lines(part_log("api", before - 1));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const Json object = Json::parse(line, nullptr, false);
    ASSERT_TRUE(object.is_object()) << line;
    EXPECT_NE(object.value("message", ""), "forged") << line;
    EXPECT_NE(object.value("level", ""), "error") << line;
  }
}

// Seeded, and the seed is printed: a failure can be had again.
class Fuzzer {
 public:
  explicit Fuzzer(unsigned seed) : random_(seed) {}

  std::string mutate(std::string text) {
    for (int changes = pick(1, 4); changes > 0; --changes) {
      const auto at = static_cast<std::size_t>(pick(0, static_cast<int>(text.size())));
      switch (pick(0, 4)) {
        case 0:
          text.insert(at, 1, static_cast<char>(pick(0, 255)));
          break;
        case 1:
          if (at < text.size()) text[at] = static_cast<char>(pick(0, 255));
          break;
        case 2:
          text.erase(at, static_cast<std::size_t>(pick(1, 8)));
          break;
        case 3:
          text.insert(at, pieces[pick(0, static_cast<int>(std::size(pieces)) - 1)]);
          break;
        default:
          text.insert(at, text.substr(at, static_cast<std::size_t>(pick(1, 20))));
      }
    }
    return text;
  }
  int pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }

 private:
  static constexpr const char* pieces[] = {"\\u0000",
                                           "\\ud800",
                                           "1e999",
                                           "-0",
                                           "9223372036854775808",
                                           "null",
                                           "{}",
                                           "[[[[[[[[",
                                           "\"\"",
                                           "true",
                                           "\r\n",
                                           "\r\n\r\n",
                                           "Content-Length: 3\r\n",
                                           "%00",
                                           "%ff",
                                           "\xef\xbb\xbf",
                                           "'; --",
                                           "../",
                                           "0.1",
                                           "\"seats\":",
                                           "infinity",
                                           "\\",
                                           "\xf0\x9f\x8e\xab"};
  std::mt19937 random_;
};

// Wherever a value goes astray, the answer is a refusal and not an internal error.
TEST_F(HostileLoad, MutatedRequestsGetNo500) {
  const unsigned seed = std::random_device()();
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  Fuzzer fuzzer(seed);
  const auto user = std::to_string(new_user());
  const auto event = std::to_string(new_event(1'000'000));
  const std::pair<std::string, std::string> bodies[] = {
      {"POST /bookings", R"({"user_id":)" + user + R"(,"event_id":)" + event +
                             R"(,"seats":2,"idempotency_key":"some-key"})"},
      {"POST /users", R"({"email":"fuzz@example.com","name":"Fuzz"})"},
      {"POST /admin/events",
       R"({"name":"Fuzz","venue":"Hall","start_at":"2001-01-01T00:00:00Z","capacity":5})"},
      {"PUT /admin/events/" + event, R"({"name":"Fuzz","venue":"","capacity":1000000})"},
  };
  const std::string key = "X-Admin-Key: " + setting("ADMIN_KEY") + "\r\n";
  for (int round = 0; round < 400; ++round) {
    const auto& [line, plain] = bodies[fuzzer.pick(0, 3)];
    // Mostly the body, sometimes what surrounds it.
    const bool whole = fuzzer.pick(0, 3) == 0;
    const std::string body = whole ? plain : fuzzer.mutate(plain);
    std::string bytes = line + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + key +
                        "Connection: close\r\nContent-Length: " + std::to_string(body.size()) +
                        "\r\n\r\n" + body;
    if (whole) bytes = fuzzer.mutate(bytes);
    RawSocket socket;
    socket.send(bytes);
    socket.finish_sending();
    const auto start = Clock::now();
    const std::string answer = socket.receive_all(patience);
    ASSERT_LT(since(start), prompt) << "it hangs on: " << bytes;
    ASSERT_EQ(answer.find("HTTP/1.1 500"), std::string::npos) << bytes << "\n" << answer;
  }
}

}  // namespace
}  // namespace evently
