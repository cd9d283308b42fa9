// What answers tell: nothing of the inside in any refusal, and pages that can be neither framed nor
// injected into.
#include <regex>

#include "tests/support/raw_socket.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

class Disclosure : public ServiceTest {
 protected:
  // Words of our own code, its libraries, the database and the file system.
  static testing::AssertionResult tells_nothing(const Reply& reply) {
    std::string text = reply.body;
    for (const auto& [name, value] : reply.headers) text += "\n" + name + ": " + value;
    static const std::regex inside(
        "pqxx|libpq|hiredis|httplib|nlohmann|json\\.exception|std::|what\\(\\)|SQLSTATE|ERROR:|"
        "DETAIL:|CONTEXT:|HINT:|PL/pgSQL|evently\\.[a-z_]+|pg_|relation|constraint|SELECT |"
        "INSERT |127\\.0\\.0\\.1:|/usr/|/var/|/home/|\\.cpp|EXCEPTION|\nServer:|errno|refused|"
        "password");
    std::smatch found;
    if (std::regex_search(text, found, inside))
      return testing::AssertionFailure() << "'" << found.str() << "' in: " << text.substr(0, 900);
    return testing::AssertionSuccess();
  }
  static void expect_discreet(const Reply& reply, int status) {
    EXPECT_EQ(reply.status, status) << reply.body;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json");
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(tells_nothing(reply)) << status;
  }
  static Reply raw(const std::string& bytes) {
    RawSocket socket;
    socket.send(bytes);
    return socket.receive(Milliseconds(2000)).value_or(Reply{});
  }
};

TEST_F(Disclosure, NoRefusalTellsOfTheInside) {
  const auto user = new_user();
  const auto event = new_event(1);
  const std::string email = unique_word("taken") + "@example.com";
  ASSERT_EQ(client.post("/users", {{"email", email}}).status, 201);
  ASSERT_EQ(book(user, event, 1, "key").status, 201);
  expect_discreet(client.send("POST", "/bookings", "{"), 400);
  expect_discreet(client.send("POST", "/users", "{\"email\":\"\xff\"}"), 400);
  expect_discreet(client.get("/events?limit=x&after=%00"), 400);
  expect_discreet(client.get("/events/" + impossible_id), 404);
  expect_discreet(client.get("/admin/users"), 401);
  expect_discreet(client.get("/nowhere"), 404);
  expect_discreet(client.get("/events/" + unused_id), 404);
  expect_discreet(client.send("PATCH", "/events"), 405);
  expect_discreet(client.post("/users", {{"email", email}}), 409);
  expect_discreet(book(user, event), 409);
  expect_discreet(raw("POST /bookings HTTP/1.1\r\nHost: x\r\n\r\n"), 411);
  Json change = {{"name", "x"}};
  expect_discreet(
      admin.put("/admin/events/" + std::to_string(event), change, {{"If-Match", "\"9-9\""}}), 412);
  expect_discreet(client.send("POST", "/users", std::string(70'000, ' ')), 413);
  expect_discreet(client.get("/" + std::string(600, 'a')), 414);
  expect_discreet(client.send("POST", "/users", "a=b", {{"Content-Type", "text/plain"}}), 415);
  expect_discreet(book(user, event, 2, "key"), 422);
  expect_discreet(raw("GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n"), 431);
  expect_discreet(raw("GARBAGE\r\n\r\n"), 400);
}

TEST_F(Disclosure, NoOutageTellsOfTheInside) {
  const ServiceProcess service{{"DATABASE_URL", "postgresql://stranger:hush@127.0.0.1:1/nothing"},
                               {"REDIS_URL", "redis://:hush@127.0.0.1:1"}};
  HttpClient one(service.url());
  for (const char* path : {"/ready", "/events", "/events/1", "/users/1/bookings", "/bookings/1"})
    expect_discreet(one.get(path), 503);
  expect_discreet(one.post("/bookings", booking_fields(1, 1)), 503);
  EXPECT_EQ(service.log().find("hush"), std::string::npos);
}

TEST_F(Disclosure, PagesCannotBeFramedOrInjectedInto) {
  const std::string page = client.get("/docs").body;
  Texts paths = {"/docs", "/openapi.json"};
  static const std::regex reference("(?:src|href)=\"(docs/[^\"]+)\"");
  for (std::sregex_iterator it(page.begin(), page.end(), reference), end; it != end; ++it)
    paths.push_back("/" + (*it)[1].str());
  ASSERT_GT(paths.size(), 2u);
  for (const std::string& path : paths) {
    const Reply reply = client.get(path);
    ASSERT_EQ(reply.status, 200) << path;
    const std::string policy = reply.header("Content-Security-Policy");
    for (const char* directive : {"default-src 'none'", "script-src 'self'", "base-uri 'none'",
                                  "form-action 'none'", "frame-ancestors 'none'"})
      EXPECT_NE(policy.find(directive), std::string::npos) << path << " lacks " << directive;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
    EXPECT_EQ(reply.header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(reply.header("Referrer-Policy"), "no-referrer") << path;
  }
}

}  // namespace
}  // namespace evently
