// POST /users and GET /users/{id}/bookings.
#include "tests/support/service_test.h"

namespace evently {
namespace {

class RestUsers : public ServiceTest {};

std::string address() {
  return unique_word("someone") + "@example.com";
}

TEST_F(RestUsers, AreCreated) {
  const std::string email = address();
  const Reply reply = client.post("/users", {{"email", email}, {"name", "Zoë Ünal"}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.header("Content-Type").rfind("application/json", 0), 0u);
  EXPECT_FALSE(reply.header("X-Request-Id").empty());
  const Json user = reply.json();
  ASSERT_EQ(user.size(), 4u) << reply.body;
  EXPECT_TRUE(user["id"].is_number_integer());
  EXPECT_EQ(user["email"], email);
  EXPECT_EQ(user["name"], "Zoë Ünal");
  EXPECT_TRUE(is_time(user["created_at"])) << reply.body;
}

TEST_F(RestUsers, NeedNoName) {
  const Reply reply = client.post("/users", {{"email", address()}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_TRUE(reply.json().at("name").is_null());
}

TEST_F(RestUsers, HaveTheirAddressTrimmedAndInLowerCase) {
  const std::string email = address();
  const Reply reply = client.post("/users", {{"email", "  S" + email.substr(1) + " "}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json()["email"], email);
}

TEST_F(RestUsers, ShareNoAddress) {
  const std::string email = address();
  ASSERT_EQ(client.post("/users", {{"email", email}}).status, 201);
  EXPECT_TRUE(is_problem(client.post("/users", {{"email", email}}), 409, "email-taken"));
  EXPECT_TRUE(
      is_problem(client.post("/users", {{"email", "S" + email.substr(1)}}), 409, "email-taken"));
}

TEST_F(RestUsers, AreRefusedWithFieldsThatAreNone) {
  EXPECT_TRUE(has_faults(client.post("/users", {{"email", address()},
                                                {"id", "seven"},
                                                {"plan", {{"colour", Json::array({1})}}}}),
                         {"id", "plan"}));
  Json many = {{"email", address()}};
  for (int i = 0; i < 1000; ++i) many["field" + std::to_string(i)] = i;
  EXPECT_LE(client.post("/users", many).json()["errors"].size(), 20u);
}

TEST_F(RestUsers, AreRefusedWithoutAnAddress) {
  EXPECT_TRUE(has_faults(client.post("/users", Json::object()), {"email"}));
  EXPECT_TRUE(has_faults(client.post("/users", {{"email", nullptr}}), {"email"}));
}

TEST_F(RestUsers, AreRefusedWithAnAddressThatIsNone) {
  const std::string long_domain(250, 'd');
  for (const std::string& email :
       Texts{std::string(), "   ", "no-at", "@example.com", "name@", "two@signs@example.com",
             "with blank@example.com", "line\n@example.com", "name@" + long_domain})
    EXPECT_TRUE(has_faults(client.post("/users", {{"email", email}}), {"email"})) << email;
}

TEST_F(RestUsers, TakeAnAddressOf254CharactersAndNoLonger) {
  const std::string domain = "@example.com";
  std::string local = unique_word("long");
  for (std::size_t length = local.size() + domain.size(); length < 254; ++length) local += "ü";
  EXPECT_EQ(client.post("/users", {{"email", local + domain}}).status, 201);
  EXPECT_TRUE(has_faults(client.post("/users", {{"email", "x" + local + domain}}), {"email"}));
}

TEST_F(RestUsers, TakeANameOf200CharactersAndNoLonger) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "क";
  EXPECT_EQ(client.post("/users", {{"email", address()}, {"name", name}}).status, 201);
  EXPECT_TRUE(
      has_faults(client.post("/users", {{"email", address()}, {"name", name + "क"}}), {"name"}));
}

TEST_F(RestUsers, AreRefusedWithWhatDoesNotShow) {
  for (const std::string& hidden : Texts{"\u200b", "\u00a0", "\u2060", "\u3164"}) {
    EXPECT_TRUE(
        has_faults(client.post("/users", {{"email", hidden + address()}, {"name", "Ann" + hidden}}),
                   {"email", "name"}))
        << hidden;
    EXPECT_TRUE(
        has_faults(client.post("/users", {{"email", address()}, {"name", hidden}}), {"name"}));
  }
}

TEST_F(RestUsers, HaveOneAddressInAllItsSpellings) {
  const std::string local = unique_word("ann");
  const Reply first = client.post("/users", {{"email", local + "@Bücher.example"}});
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.json()["email"], local + "@xn--bcher-kva.example");
  for (const char* domain : {"@bücher.example", "@xn--bcher-kva.example", "@XN--BCHER-KVA.EXAMPLE",
                             "@bu\u0308cher.example", "@bücher\u3002example"})
    EXPECT_TRUE(is_problem(client.post("/users", {{"email", local + domain}}), 409, "email-taken"))
        << domain;
  const Json found = admin.get("/admin/users?email=" + local + "%40B%C3%BCcher.example").json();
  ASSERT_EQ(found.size(), 1u) << found;
  EXPECT_EQ(found[0]["id"], first.json()["id"]);
}

TEST_F(RestUsers, AreShownWithoutTheirAddress) {
  const std::string email = address();
  const Reply made = client.post("/users", {{"email", email}, {"name", "Ann"}});
  const Reply shown = client.get(made.header("Location"));
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.json(), (Json{{"id", made.json()["id"]},
                                {"name", "Ann"},
                                {"created_at", made.json()["created_at"]}}));
  for (const std::string& id : {unused_id, largest_id, impossible_id})
    EXPECT_TRUE(is_problem(client.get("/users/" + id), 404, "user-not-found")) << id;
}

TEST_F(RestUsers, AreRefusedOnceForEveryFault) {
  EXPECT_TRUE(has_faults(client.post("/users", {{"email", 7}, {"name", true}}), {"email", "name"}));
  EXPECT_TRUE(has_faults(client.post("/users", {{"email", "x"}, {"name", "tab\there"}}),
                         {"email", "name"}));
}

TEST_F(RestUsers, AreRefusedWhenTheBodyIsNoObject) {
  for (const std::string& body :
       Texts{"", "{", "[]", "\"text\"", "7", "null", "{\"email\":\"a@b\",}",
             "{\"email\":\"a@b\"}{}", "email=a@b"})
    EXPECT_TRUE(
        is_problem(client.send("POST", "/users", body, {{"Content-Type", "application/json"}}), 400,
                   "invalid-request"))
        << body;
}

TEST_F(RestUsers, AreRefusedWithTextThatCannotBeStored) {
  for (const std::string& body :
       Texts{R"({"email":"a\u0000b@example.com"})", R"({"email":"a@example.com","name":"\u0000"})",
             R"({"email":"a@example.com","name":"\ud800"})", "{\"email\":\"\xff@example.com\"}",
             "{\"email\":\"a@example.com\",\"name\":\"\xc3\"}",
             "{\"email\":\"a@example.com\",\"name\":\"\xed\xa0\x80\"}"})
    EXPECT_TRUE(is_problem(client.send("POST", "/users", body), 400, "invalid-request")) << body;
}

TEST_F(RestUsers, HaveAnEmptyHistoryAtFirst) {
  const Reply reply = client.get("/users/" + std::to_string(new_user()) + "/bookings");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json(), Json::array());
  EXPECT_EQ(reply.header("Link"), "");
}

TEST_F(RestUsers, SeeTheirBookingsNewestFirst) {
  const auto user = new_user();
  const auto event = new_event(10);
  const auto first = booked(user, event, 2);
  const auto second = booked(user, event, 3);
  booked(new_user(), event);
  ASSERT_EQ(client.del("/bookings/" + std::to_string(first)).status, 200);

  const Json history = client.get("/users/" + std::to_string(user) + "/bookings").json();
  ASSERT_EQ(history.size(), 2u) << history;
  EXPECT_EQ(history[0]["id"], second);
  EXPECT_EQ(history[0]["status"], "CONFIRMED");
  EXPECT_EQ(history[1]["id"], first);
  EXPECT_EQ(history[1]["status"], "CANCELLED");
  EXPECT_EQ(history[1]["event_id"], event);
  EXPECT_EQ(history[1]["seats"], 2);
  EXPECT_TRUE(is_time(history[1]["created_at"])) << history;
  EXPECT_EQ(history[1].size(), 5u) << history;
}

TEST_F(RestUsers, HistoryIsWalkedPageByPage) {
  const auto user = new_user();
  const auto event = new_event(10);
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 7; ++i) ids.insert(ids.begin(), booked(user, event));
  const std::string path = "/users/" + std::to_string(user) + "/bookings?limit=";
  for (const std::string& limit : Texts{"1", "2", "3", "6", "7", "8"}) {
    std::vector<std::int64_t> seen;
    for (const Json& booking : walk(client, path + limit)) seen.push_back(booking["id"]);
    EXPECT_EQ(seen, ids) << "limit " << limit;
  }
  EXPECT_EQ(client.get(path + "3").json().size(), 3u);
  EXPECT_EQ(next_path(client.get(path + "7")), std::nullopt) << "a link to an empty page";
}

TEST_F(RestUsers, HistoryIsRefused) {
  EXPECT_TRUE(is_problem(client.get("/users/" + unused_id + "/bookings"), 404, "user-not-found"));
  EXPECT_TRUE(is_problem(client.get("/users/" + largest_id + "/bookings"), 404, "user-not-found"));
  const std::string path = "/users/" + std::to_string(new_user()) + "/bookings";
  for (const std::string& limit : Texts{"0", "-1", "abc", "", "1.5", "99999999999999999999"})
    EXPECT_TRUE(has_faults(client.get(path + "?limit=" + limit), {"limit"})) << limit;
  for (const std::string& after : Texts{"!", "0x7", "99999999999999999999999", "%00", "%ff"})
    EXPECT_TRUE(has_faults(client.get(path + "?after=" + after), {"after"})) << after;
  EXPECT_TRUE(has_faults(client.get(path + "?limit=x&after=!"), {"limit", "after"}));
}

}  // namespace
}  // namespace evently
