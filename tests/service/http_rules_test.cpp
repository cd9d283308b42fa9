// What RFC 9110 and RFC 9112 ask of a server, byte by byte.
#include <regex>

#include "tests/support/raw_socket.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds prompt{2000};

class HttpRules : public ServiceTest {
 protected:
  static std::string get(const std::string& target, const std::string& headers = "",
                         const std::string& version = "1.1") {
    return "GET " + target + " HTTP/" + version + "\r\nHost: localhost\r\n" + headers + "\r\n";
  }
  static std::string post(const std::string& headers, const std::string& body,
                          const std::string& version = "1.1") {
    return "POST /bookings HTTP/" + version +
           "\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers + "\r\n" + body;
  }
  // The status of the answer to these bytes, 0 when none comes.
  static int status_of(const std::string& bytes) {
    RawSocket socket;
    socket.send(bytes);
    const auto reply = socket.receive(prompt);
    return reply ? reply->status : 0;
  }
  static bool closes_after(const std::string& bytes) {
    RawSocket socket;
    socket.send(bytes);
    const auto reply = socket.receive(prompt);
    return reply && reply->status == 200 && socket.closes(prompt);
  }
};

TEST_F(HttpRules, HostIsThereOnceAndNamesOne) {
  const std::string line = "GET /health HTTP/1.1\r\n";
  EXPECT_EQ(status_of(line + "Host: shop.example\r\n\r\n"), 200);
  EXPECT_EQ(status_of(line + "Host:\r\n\r\n"), 200);
  EXPECT_EQ(status_of(line + "\r\n"), 400);
  EXPECT_EQ(status_of(line + "Host: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of(line + "Host: a/b\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET /health HTTP/1.0\r\n\r\n"), 200) << "HTTP/1.0 has no such rule";
}

TEST_F(HttpRules, ATargetMayBeAWholeUrl) {
  const auto event = std::to_string(new_event(5));
  RawSocket socket;
  socket.send(get("http://elsewhere:8080/events/" + event));
  const auto reply = socket.receive(prompt);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->json()["id"], std::stoll(event));
  EXPECT_EQ(status_of(get("https://elsewhere")), 404);
  EXPECT_EQ(status_of(get("ftp://elsewhere/health")), 400);
}

TEST_F(HttpRules, AnEmptyLineMayComeFirst) {
  RawSocket socket;
  socket.send("\r\n" + get("/health") + "\r\n" + get("/health"));
  for (int i = 0; i < 2; ++i) {
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->status, 200) << i;
  }
}

TEST_F(HttpRules, AMethodThatNoPathAnswersIsNotImplemented) {
  for (const char* method : {"BREW", "get", "TRACE"}) {
    RawSocket socket;
    socket.send(std::string(method) + " /health HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << method;
    EXPECT_TRUE(is_problem(*reply, 501, "not-implemented")) << method;
  }
  EXPECT_TRUE(is_problem(client.send("PATCH", "/health"), 405, "method-not-allowed"));
}

TEST_F(HttpRules, ConnectionIsAListInAnyCase) {
  EXPECT_TRUE(closes_after(get("/health", "Connection: close\r\n")));
  EXPECT_TRUE(closes_after(get("/health", "Connection: Close\r\n")));
  EXPECT_TRUE(closes_after(get("/health", "connection: x, CLOSE\r\n")));
  EXPECT_TRUE(closes_after(get("/health", "Connection: x\r\nConnection: close\r\n")));
  EXPECT_TRUE(closes_after(get("/health", "", "1.0")));
  RawSocket kept;
  for (int i = 0; i < 2; ++i) {
    kept.send(get("/health", "Connection: Keep-Alive\r\n", "1.0"));
    const auto reply = kept.receive(prompt);
    ASSERT_TRUE(reply) << i;
    EXPECT_EQ(reply->header("Connection"), "keep-alive");
  }
}

TEST_F(HttpRules, ExpectIsReadInAnyCaseAndNotInHttp10) {
  RawSocket waiting;
  waiting.send(post("Expect: 100-Continue\r\nContent-Length: 2\r\n", ""));
  const auto interim = waiting.receive(prompt);
  ASSERT_TRUE(interim);
  EXPECT_EQ(interim->status, 100);
  waiting.send("{}");
  const auto reply = waiting.receive(prompt);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(has_faults(*reply, {"user_id", "event_id"}));
  EXPECT_EQ(status_of(post("Expect: 100-continue\r\nContent-Length: 2\r\n", "{}", "1.0")), 400)
      << "no interim answer";
}

TEST_F(HttpRules, AChunkedBodyIsRead) {
  const auto user = new_user();
  const auto event = new_event(5);
  const std::string body = booking_fields(user, event, 2).dump();
  const std::string first = body.substr(0, 5), rest = body.substr(5);
  std::ostringstream chunks;
  chunks << std::hex << first.size() << "\r\n"
         << first << "\r\n"
         << rest.size() << ";name=value\r\n"
         << rest << "\r\n0\r\nTrailer: x\r\n\r\n";
  RawSocket socket;
  for (const char* coding : {"chunked", "Chunked"}) {
    socket.send(post("Transfer-Encoding: " + std::string(coding) + "\r\n", chunks.str()));
    const auto reply = socket.receive(prompt);
    ASSERT_TRUE(reply) << coding;
    EXPECT_EQ(reply->status, 201) << reply->body;
  }
  EXPECT_EQ(database.seats_available(event), 1);
  EXPECT_EQ(status_of(post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n", "1.0")), 400);
}

// Built-in files lie there gzipped and plain; each has an ETag of its own.
TEST_F(HttpRules, GzipIsForThoseWhoAcceptIt) {
  const auto ask = [&](const std::string& headers) {
    RawSocket socket;
    socket.send(get("/openapi.json", headers));
    return socket.receive(prompt).value();
  };
  const Reply plain = ask("");
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(plain.json()["openapi"].get<std::string>().substr(0, 2), "3.");
  const Reply gzipped = ask("Accept-Encoding: br, gzip;q=0.5\r\n");
  EXPECT_EQ(gzipped.header("Content-Encoding"), "gzip");
  EXPECT_EQ(gzipped.body.substr(0, 2), "\x1f\x8b");
  EXPECT_LT(gzipped.body.size(), plain.body.size());
  EXPECT_NE(gzipped.header("ETag"), plain.header("ETag"));
  EXPECT_EQ(ask("Accept-Encoding: gzip;q=0, *\r\n").body, plain.body);
  for (const Reply& reply : {plain, gzipped}) EXPECT_EQ(reply.header("Vary"), "Accept-Encoding");
  const std::string known = "If-None-Match: \"x\", W/" + gzipped.header("ETag") + "\r\n";
  EXPECT_EQ(ask(known + "Accept-Encoding: gzip\r\n").status, 304);
  EXPECT_EQ(ask(known).status, 200) << "that is another representation";
}

TEST_F(HttpRules, EachAnswerHasADate) {
  const std::regex date(
      "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT");
  for (const char* path : {"/health", "/nowhere", "/events", "/metrics"}) {
    const std::string value = client.get(path).header("Date");
    EXPECT_TRUE(std::regex_match(value, date)) << path << ": " << value;
  }
}

TEST_F(HttpRules, HeadIsGetWithoutABody) {
  const auto event = std::to_string(new_event(1));
  for (const std::string& path : Texts{"/health", "/ready", "/metrics", "/openapi.json", "/docs",
                                       "/events", "/events/" + event, "/events/" + unused_id}) {
    RawSocket socket;
    socket.send("HEAD " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string answer = socket.receive_all(prompt);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
    EXPECT_EQ(answer.find("\r\n\r\n"), answer.size() - 4) << answer;
    EXPECT_NE(answer.find("\r\nContent-Length: "), std::string::npos) << answer;
    const std::string status = std::to_string(client.get(path).status);
    EXPECT_EQ(answer.substr(9, 3), status) << path;
  }
}

// Ranges multiply: a thousand of them would inflate a small answer ten thousandfold.
TEST_F(HttpRules, RangesAreIgnored) {
  const std::string whole = client.get("/openapi.json").body;
  std::string thousand = "bytes=0-0";
  for (int i = 1; i < 1000; ++i) thousand += "," + std::to_string(i) + "-" + std::to_string(i);
  for (const std::string& range : Texts{"bytes=0-10", thousand, "bytes=9-1", "lines=1"}) {
    const Reply reply = client.get("/openapi.json", {{"Range", range}});
    EXPECT_EQ(reply.status, 200) << range.substr(0, 20);
    EXPECT_EQ(reply.body, whole);
    EXPECT_EQ(reply.header("Content-Range") + reply.header("Accept-Ranges"), "");
  }
}

// In parts that end just behind a field: the parser takes those, and forgets how many there were.
TEST_F(HttpRules, AHeadInManyParts) {
  RawSocket socket;
  socket.send("GET /health HTTP/1.1\r\nHost: x\r\nX");
  std::string received;
  for (int i = 0; i < 200 && received.empty(); ++i) {
    socket.send(": " + std::string(500, 'x') + "\r\nX");
    received = socket.receive_all(Milliseconds(2));
  }
  received += socket.receive_all(prompt);
  EXPECT_EQ(received.rfind("HTTP/1.1 431", 0), 0u) << received.substr(0, 200);

  RawSocket folded;
  folded.send("GET /health HTTP/1.1\r\nHost: x\r\nX: 1\r\n Transfer-Encoding: chunked\r\nY");
  EXPECT_EQ(folded.receive_all(Milliseconds(50)).substr(0, 12), "HTTP/1.1 400");
}

}  // namespace
}  // namespace evently
