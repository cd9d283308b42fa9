// Requests that no honest client sends, byte by byte. Whatever comes: no 500, no hang, no leak of
// internals, no bytes of a refused body served as a request, and others are served meanwhile.
#include <algorithm>

#include "tests/support/raw_socket.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds prompt{2000};

class Hostile : public ServiceTest {
 protected:
  Hostile() : process_(part_pid("api")) {}

  void TearDown() override {
    EXPECT_EQ(part_pid("api"), process_);
    const auto start = Clock::now();
    EXPECT_EQ(HttpClient().get("/events?limit=1").status, 200);
    EXPECT_LT(since(start), prompt);
    ServiceTest::TearDown();
  }

  // Sends a head and what follows it.
  static std::string request(const std::string& method, const std::string& path,
                             const std::string& headers, const std::string& body = "") {
    return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n" + body;
  }

  // The one answer to these bytes, after which the connection is closed: what follows the head
  // was not taken for another request.
  static testing::AssertionResult refused_for_good(const std::string& bytes, int status,
                                                   const std::string& code) {
    RawSocket socket;
    socket.send(bytes);
    const auto reply = socket.receive(prompt);
    if (!reply) return testing::AssertionFailure() << "no answer";
    if (auto problem = is_problem(*reply, status, code); !problem) return problem;
    const std::string more = socket.receive_all(prompt);
    if (!more.empty()) return testing::AssertionFailure() << "more came: " << more;
    return testing::AssertionSuccess();
  }

  // Answered with some refusal, or hung up upon, within the time.
  static testing::AssertionResult survives(const std::string& bytes) {
    RawSocket socket;
    socket.send(bytes);
    socket.finish_sending();
    const auto start = Clock::now();
    const std::string answer = socket.receive_all(prompt);
    if (since(start) >= prompt) return testing::AssertionFailure() << "it hangs";
    if (answer.find("HTTP/1.1 500") != std::string::npos)
      return testing::AssertionFailure() << answer;
    if (answer.find("EXCEPTION") != std::string::npos)
      return testing::AssertionFailure() << "internals leak: " << answer;
    return testing::AssertionSuccess();
  }

  // A whole request, hidden where a body is expected. Should it ever be served, a user exists.
  std::string smuggled() {
    const std::string body = R"({"email":")" + hidden_email_ + "\"}";
    return request(
        "POST", "/users",
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n",
        body);
  }
  void expect_nothing_smuggled() {
    EXPECT_EQ(database.value<int>("SELECT count(*) FROM evently.users WHERE email = '" +
                                  hidden_email_ + "'"),
              0);
  }
  static std::string length(std::size_t bytes) {
    return "Content-Length: " + std::to_string(bytes) + "\r\n";
  }
  static std::string json_body(const std::string& body) {
    return request("POST", "/bookings", "Content-Type: application/json\r\n" + length(body.size()),
                   body);
  }

 private:
  const pid_t process_;
  const std::string hidden_email_ = unique_word("smuggled") + "@example.com";
};

TEST_F(Hostile, ChunkedBody) {
  const std::string chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
  for (const std::string& chunks :
       {smuggled(), std::string("2\r\n{}0\r\n\r\n"), std::string("-1\r\n{}\r\n0\r\n\r\n"),
        std::string("fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), std::string("2 \r\n{}\r\n")})
    EXPECT_TRUE(
        refused_for_good(request("POST", "/users", chunked, chunks), 400, "invalid-request"))
        << chunks;
  EXPECT_TRUE(refused_for_good(request("POST", "/users", chunked + length(4), smuggled()), 400,
                               "invalid-request"));
  EXPECT_TRUE(
      refused_for_good(request("GET", "/events", chunked, "0\r\n\r\n"), 400, "invalid-request"));
  EXPECT_TRUE(refused_for_good(
      request("POST", "/users", "Transfer-Encoding: gzip, chunked\r\n", smuggled()), 501,
      "not-implemented"));
  EXPECT_TRUE(refused_for_good(
      request("POST", "/users", chunked, "20000\r\n" + std::string(0x20000, ' ') + "\r\n0\r\n\r\n"),
      413, "payload-too-large"));
  expect_nothing_smuggled();
}

// Of no end that we know: what follows must not be the next request.
TEST_F(Hostile, TransferCodingsThatLeaveNoEnd) {
  for (const std::string& codings :
       Texts{"gzip", "chunked, gzip", "chunked, chunked", "identity", ""})
    EXPECT_TRUE(refused_for_good(
        request("POST", "/users", "Transfer-Encoding: " + codings + "\r\n", smuggled()), 400,
        "invalid-request"))
        << codings;
  EXPECT_TRUE(refused_for_good(
      request("POST", "/users", "Transfer-Encoding: gzip\r\nContent-Length: 0\r\n", smuggled()),
      400, "invalid-request"));
  expect_nothing_smuggled();
}

// Neither what follows the last chunk nor what is said of a chunk counts, but both are bounded.
TEST_F(Hostile, ChunkedBodyWithTrailers) {
  const std::string chunked = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";
  const std::string key = "X-Admin-Key: " + setting("ADMIN_KEY") + "\r\n";
  RawSocket socket;
  socket.send(request("POST", "/admin/events", chunked, "2;a=b\r\n{}\r\n0\r\n" + key + "\r\n"));
  const auto reply = socket.receive(prompt);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(is_problem(*reply, 401, "admin-key-required"));
  EXPECT_TRUE(survives(
      request("POST", "/users", chunked, "2;" + std::string(1'000'000, 'x') + "\r\n{}\r\n")));
  EXPECT_TRUE(survives(
      request("POST", "/users", chunked, "0\r\nX: " + std::string(1'000'000, 'x') + "\r\n\r\n")));
}

TEST_F(Hostile, CompressedBody) {
  const std::string body = smuggled();
  for (const std::string& coding : Texts{"gzip", "br", "deflate", "identity, gzip"})
    EXPECT_TRUE(refused_for_good(
        request("POST", "/bookings", "Content-Encoding: " + coding + "\r\n" + length(body.size()),
                body),
        415, "unsupported-media-type"))
        << coding;
  expect_nothing_smuggled();
}

TEST_F(Hostile, BodyOfAnotherType) {
  const std::string body = smuggled();
  for (const std::string& type : Texts{"text/plain", "application/x-www-form-urlencoded",
                                       "multipart/form-data; boundary=x", "application/jsonx", ""})
    EXPECT_TRUE(refused_for_good(
        request("POST", "/bookings", "Content-Type: " + type + "\r\n" + length(body.size()), body),
        415, "unsupported-media-type"))
        << type;
  expect_nothing_smuggled();
}

TEST_F(Hostile, BodyWithoutALength) {
  RawSocket socket;
  const auto start = Clock::now();
  socket.send(request("POST", "/bookings", ""));
  const auto reply = socket.receive(prompt);
  ASSERT_TRUE(reply) << "it hangs";
  EXPECT_TRUE(is_problem(*reply, 411, "length-required"));
  EXPECT_LT(since(start), Milliseconds(500));
  EXPECT_TRUE(is_problem(HttpClient().as_admin().send("PUT", "/admin/events/1"), 400,
                         "invalid-request"));  // a length of 0, and so an empty body
  EXPECT_EQ(HttpClient().send("DELETE", "/bookings/" + unused_id).status, 404)
      << "a DELETE needs no length";
}

TEST_F(Hostile, LengthThatIsNone) {
  const std::string body = smuggled();
  const std::string real = std::to_string(body.size());
  for (const std::string& headers :
       Texts{"Content-Length: -1\r\n", "Content-Length: +5\r\n", "Content-Length: 0x10\r\n",
             "Content-Length: 5 5\r\n", "Content-Length: 99999999999999999999999\r\n",
             "Content-Length: \r\n", "Content-Length: 5\r\nContent-Length: " + real + "\r\n",
             "Content-Length: 5, " + real + "\r\n"})
    EXPECT_TRUE(
        refused_for_good(request("POST", "/bookings", headers, body), 400, "invalid-request"))
        << headers;
  expect_nothing_smuggled();
}

TEST_F(Hostile, BodyBeyondTheLimit) {
  EXPECT_TRUE(refused_for_good(
      request("POST", "/bookings", "Content-Type: application/json\r\n" + length(65'537)), 413,
      "payload-too-large"));
  const std::string huge = smuggled() + std::string(3'000'000, ' ');
  EXPECT_TRUE(refused_for_good(
      request("POST", "/users", "Content-Type: application/json\r\n" + length(huge.size()), huge),
      413, "payload-too-large"));
  EXPECT_TRUE(refused_for_good(
      request("POST", "/users",
              "Content-Type: application/json\r\nExpect: 100-continue\r\n" + length(9'000'000)),
      413, "payload-too-large"));
  expect_nothing_smuggled();
  const std::string largest = "{" + std::string(65'534, ' ') + "}";
  EXPECT_TRUE(has_faults(HttpClient().send("POST", "/bookings", largest), {"user_id", "event_id"}));
}

TEST_F(Hostile, BodyThatWaitsForContinue) {
  const std::string body = "{}";
  RawSocket socket;
  socket.send(
      request("POST", "/bookings",
              "Content-Type: application/json\r\nExpect: 100-continue\r\n" + length(body.size())));
  const auto interim = socket.receive(prompt);
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  socket.send(body);
  const auto reply = socket.receive(prompt);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(has_faults(*reply, {"user_id", "event_id"}));
}

TEST_F(Hostile, LengthThatIsNoneWhereNoBodyBelongs) {
  for (const std::string& headers :
       Texts{"Content-Length: 4000000000\r\nContent-Length: 4000000000\r\n",
             "Content-Length: 4000000000, 4000000000\r\n",
             "Content-Length: 1000000000000000000\r\n", "Content-Length: 0000000000000000005\r\n"})
    EXPECT_TRUE(refused_for_good(request("GET", "/health", headers), 400, "invalid-request"))
        << headers;
}

TEST_F(Hostile, BodyWhereNoneBelongs) {
  const std::string body = smuggled();
  for (const std::string& method : Texts{"GET", "HEAD"}) {
    RawSocket socket;
    socket.send(request(method, "/events", length(body.size()), body));
    const std::string answer = socket.receive_all(prompt);
    EXPECT_EQ(answer.rfind("HTTP/1.1 400", 0), 0u) << answer;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << answer;
  }
  EXPECT_TRUE(
      refused_for_good(request("DELETE", "/bookings/" + unused_id, length(body.size()), body), 400,
                       "invalid-request"));
  EXPECT_TRUE(
      refused_for_good(request("POST", "/nowhere", length(body.size()), body), 404, "not-found"));
  EXPECT_TRUE(refused_for_good(request("PUT", "/events", length(body.size()), body), 405,
                               "method-not-allowed"));
  expect_nothing_smuggled();
}

// The body of a request without the admin key is read or the connection closed, never served.
TEST_F(Hostile, BodyOfARequestWithoutTheKey) {
  const std::string body = smuggled();
  RawSocket socket;
  socket.send(request("POST", "/admin/events",
                      "Content-Type: application/json\r\n" + length(body.size()), body) +
              request("GET", "/health", "Connection: close\r\n"));
  const auto first = socket.receive(prompt);
  ASSERT_TRUE(first);
  EXPECT_TRUE(is_problem(*first, 401, "admin-key-required"));
  if (const auto second = socket.receive(prompt)) {
    EXPECT_EQ(second->status, 200);
    EXPECT_EQ(second->json(), Json({{"status", "ok"}}));
  }
  expect_nothing_smuggled();
}

TEST_F(Hostile, LongPaths) {
  EXPECT_TRUE(is_problem(client.get("/" + std::string(511, 'a')), 404, "not-found"));
  for (const std::size_t bytes : {std::size_t{512}, std::size_t{8'000}})
    EXPECT_TRUE(is_problem(client.get("/" + std::string(bytes, 'a')), 414, "uri-too-long"));
  EXPECT_TRUE(survives(request("GET", "/" + std::string(31'000, 'a'), "")));
  EXPECT_TRUE(survives(request("GET", "/" + std::string(1'000'000, 'a'), "")));
  EXPECT_TRUE(survives(request("GET", "/events?limit=" + std::string(20'000, '1'), "")));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "/a/..";
  EXPECT_TRUE(is_problem(client.get(deep + "/etc"), 404, "not-found"));
  EXPECT_TRUE(is_problem(client.get("/docs/..%2f..%2fetc%2fpasswd"), 404, "not-found"));
}

TEST_F(Hostile, LongAndManyHeaders) {
  RawSocket socket;
  socket.send(request("GET", "/health", "X-Long: " + std::string(40'000, 'x') + "\r\n"));
  const auto reply = socket.receive(prompt);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(is_problem(*reply, 431, "header-too-large"));
  std::string many;
  for (int i = 0; i < 200; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_TRUE(refused_for_good(request("GET", "/health", many + "Connection: close\r\n"), 431,
                               "header-too-large"));
  EXPECT_TRUE(survives(request("GET", "/health", "X-Long: " + std::string(5'000'000, 'x'))));
}

TEST_F(Hostile, HeadersThatAProxyMayReadOtherwise) {
  const std::string body = smuggled();
  for (const std::string& headers :
       Texts{"Content-Length : " + std::to_string(body.size()) + "\r\n",
             " Content-Length: " + std::to_string(body.size()) + "\r\n",
             "X: 1\r\n Transfer-Encoding: chunked\r\n", "no colon\r\n", ": nameless\r\n",
             "X: a\rb\r\n", std::string("X: a\0b\r\n", 8)})
    EXPECT_TRUE(refused_for_good(request("GET", "/health", headers, body), 400, "invalid-request"))
        << headers;
  expect_nothing_smuggled();
}

TEST_F(Hostile, RequestLinesThatAreNone) {
  for (const std::string& line :
       Texts{"\r\n",
             "GARBAGE\r\n\r\n",
             "GET\r\n\r\n",
             "GET /events\r\n\r\n",
             "GET /events HTTP/9.9\r\n\r\n",
             "get /events HTTP/1.1\r\n\r\n",
             "GET  /events  HTTP/1.1\r\n\r\n",
             "GET events HTTP/1.1\r\n\r\n",
             "GET http://elsewhere/events HTTP/1.1\r\n\r\n",
             "BREW /events HTTP/1.1\r\n\r\n",
             "TRACE / HTTP/1.1\r\n\r\n",
             "CONNECT example.com:443 HTTP/1.1\r\n\r\n",
             "OPTIONS * HTTP/1.1\r\n\r\n",
             "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
             std::string("GET /\0 HTTP/1.1\r\n\r\n", 20),
             "GET /\xff\xfe HTTP/1.1\r\n\r\n",
             "GET /events?limit=%zz HTTP/1.1\r\n\r\n",
             "GET /events?%00=%ff&&&=== HTTP/1.1\r\n\r\n",
             "GET /events?after=%u0000 HTTP/1.1\r\n\r\n",
             std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)})
    EXPECT_TRUE(survives(line)) << line;
}

TEST_F(Hostile, IdempotencyKeyThatIsNoText) {
  const Json fields = booking_fields(new_user(), new_event(5));
  for (const std::string& key : Texts{"\xff\xfe", "\xc3", "\xed\xa0\x80"})
    EXPECT_TRUE(is_problem(client.post("/bookings", fields, {{"Idempotency-Key", key}}), 400,
                           "invalid-request"));
}

TEST_F(Hostile, PipelinedRequestsAreAllServed) {
  RawSocket socket;
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += request("GET", "/health", "");
  const std::string body = R"({"seats":0})";
  requests += json_body(body) + request("GET", "/nowhere", "") +
              request("GET", "/health", "Connection: close\r\n");
  socket.send(requests);
  for (int i = 0; i < 20; ++i) {
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->status, 200);
  }
  for (const int status : {400, 404, 200}) {
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << status;
    EXPECT_EQ(reply->status, status);
  }
  EXPECT_TRUE(socket.closes(prompt));
}

TEST_F(Hostile, GarbageBehindARequest) {
  RawSocket socket;
  socket.send(request("GET", "/health", "") + "\x01\x02\x03 garbage\r\n\r\n" + smuggled());
  const auto reply = socket.receive(prompt);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  const std::string more = socket.receive_all(prompt);
  EXPECT_EQ(more.find("HTTP/1.1 2"), std::string::npos) << more;
  expect_nothing_smuggled();
}

TEST_F(Hostile, ClientsThatHangUp) {
  const auto event = new_event(1000);
  const std::string whole = json_body(booking_fields(new_user(), event).dump());
  for (std::size_t cut = 1; cut < whole.size(); cut += 7) RawSocket().send(whole.substr(0, cut));
  for (int i = 0; i < 20; ++i) RawSocket().send(whole);  // and does not wait for the answer
  EXPECT_TRUE(eventually(prompt, [&]() -> std::string {
    const auto sold = 1000 - database.seats_available(event);
    return sold == 20 ? "" : std::to_string(sold) + " of 20 bookings were made";
  }));
}

TEST_F(Hostile, AnAddressThatIsMadeUp) {
  const Reply reply = client.get(
      "/health",
      {{"REMOTE_ADDR", "203.0.113.9"}, {"X-Forwarded-For", "203.0.113.9"}, {"REMOTE_PORT", "1"}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(eventually_true(prompt, "the request is not in the log", [&] {
    return part_log("api").find(reply.header("X-Request-Id")) != std::string::npos;
  }));
  EXPECT_EQ(part_log("api").find("203.0.113.9"), std::string::npos);
}

}  // namespace
}  // namespace evently
