// GET /events and GET /events/{id}.
#include <algorithm>
#include <set>

#include "tests/support/raw_socket.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

class RestEvents : public ServiceTest {
 protected:
  std::vector<std::int64_t> ids_in_order(const std::string& condition) {
    std::vector<std::int64_t> ids;
    for (const auto& row : database.run("SELECT id FROM evently.events WHERE " + condition +
                                        " ORDER BY start_at, id"))
      ids.push_back(row[0].as<std::int64_t>());
    return ids;
  }
  std::vector<std::int64_t> walked_ids(const std::string& path) {
    std::vector<std::int64_t> ids;
    for (const Json& event : walk(client, path)) ids.push_back(event["id"]);
    return ids;
  }
  static std::string path_of(std::int64_t id) { return "/events/" + std::to_string(id); }
};

TEST_F(RestEvents, AreReadOneByOne) {
  Json fields = event_fields(12);
  fields["start_at"] = "2098-12-31T23:30:00.25-01:00";
  const Json created = admin.post("/admin/events", fields).json();
  const Reply reply = client.get(path_of(created["id"]));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json event = reply.json();
  EXPECT_EQ(event, created);
  EXPECT_EQ(event.size(), 7u) << event;
  EXPECT_EQ(event["name"], fields["name"]);
  EXPECT_EQ(event["venue"], "Hall");
  EXPECT_EQ(event["capacity"], 12);
  EXPECT_EQ(event["seats_available"], 12);
  EXPECT_TRUE(event["version"].is_number_integer());
  ASSERT_TRUE(is_time(event["start_at"])) << event;
  EXPECT_EQ(event["start_at"].get<std::string>().rfind("2099-01-01T00:30:00.25", 0), 0u) << event;
}

TEST_F(RestEvents, ThatDoNotExist) {
  EXPECT_TRUE(is_problem(client.get("/events/" + unused_id), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(client.get("/events/" + largest_id), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(client.get("/events/0"), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(client.get("/events/-1"), 404, "event-not-found"));
}

TEST_F(RestEvents, WithIdsThatAreNone) {
  for (const std::string& id : Texts{"abc", "1.0", "1e3", "0x1", "%00", "%ff", "1%20"})
    EXPECT_TRUE(has_faults(client.get("/events/" + id), {"event_id"})) << id;
  for (const std::string& id : Texts{impossible_id, "-" + impossible_id, std::string(400, '9')})
    EXPECT_TRUE(is_problem(client.get("/events/" + id), 404, "event-not-found")) << id;
}

TEST_F(RestEvents, CarryAnETagThatEveryBookingMoves) {
  const auto id = new_event(5);
  const Reply first = client.get(path_of(id));
  const std::string etag = first.header("ETag");
  const std::string version = first.json()["version"].dump();
  EXPECT_EQ(etag, "\"1-" + version + "\"");

  booked(new_user(), id);
  const Reply second = client.get(path_of(id), {{"If-None-Match", etag}});
  EXPECT_EQ(second.status, 200);
  EXPECT_NE(second.header("ETag"), etag);
  EXPECT_EQ(second.json()["seats_available"], 4);
}

// page=2 must not answer page one.
TEST_F(RestEvents, WithParametersThatAreNone) {
  EXPECT_TRUE(has_faults(client.get("/events?page=2"), {"page"}));
  EXPECT_TRUE(has_faults(client.get("/events?limit=5&Limit=5&x"), {"Limit", "x"}));
  EXPECT_TRUE(has_faults(client.get("/events?limit%20after=5"), {"limit after"}));
  EXPECT_TRUE(has_faults(client.get(path_of(new_event(1)) + "?limit=5"), {"limit"}));
  EXPECT_TRUE(has_faults(client.get("/health?probe=1"), {"probe"}));
  RawSocket socket;  // client libraries leave out what has no name
  socket.send("GET /health?=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto nameless = socket.receive(Milliseconds(5000));
  ASSERT_TRUE(nameless);
  EXPECT_TRUE(has_faults(*nameless, {""}));
  std::string many;
  for (int i = 0; i < 5000; ++i) many += "a&";
  EXPECT_LE(client.get("/events?" + many).json()["errors"].size(), 20u);
  EXPECT_EQ(client.get("/events?").status, 200);
  EXPECT_EQ(client.get("/events?limit=1&&upcoming_only=TRUE&").status, 200);
  EXPECT_EQ(client.get("/events?upcoming_only=False").status, 200);
}

TEST_F(RestEvents, AreReadOnlyIfTheyMatch) {
  const auto id = new_event(5);
  const std::string etag = client.get(path_of(id)).header("ETag");
  for (const std::string& tags : Texts{etag, "*", "\"0-0\",, " + etag})
    EXPECT_EQ(client.get(path_of(id), {{"If-Match", tags}}).status, 200) << tags;
  for (const std::string& tags : Texts{"\"0-0\"", "W/" + etag})
    EXPECT_TRUE(
        is_problem(client.get(path_of(id), {{"If-Match", tags}}), 412, "precondition-failed"))
        << tags;
  EXPECT_EQ(client.get(path_of(id), {{"If-Match", etag}, {"If-None-Match", etag}}).status, 304);
}

TEST_F(RestEvents, MayBeKeptBySharedCachesForASecond) {
  const auto id = new_event(5);
  const std::string shared_second = "public, max-age=0, s-maxage=1";
  const Reply event = client.get(path_of(id));
  EXPECT_EQ(event.header("Cache-Control"), shared_second);
  EXPECT_EQ(
      client.get(path_of(id), {{"If-None-Match", event.header("ETag")}, {"Connection", "close"}})
          .header("Cache-Control"),
      shared_second);
  EXPECT_EQ(client.get("/events").header("Cache-Control"), shared_second);
  EXPECT_EQ(client.get("/events/" + unused_id).header("Cache-Control"), "no-store");
}

TEST_F(RestEvents, ShowAChangeBySqlWithinASecond) {
  const auto id = new_event(5);
  ASSERT_EQ(client.get(path_of(id)).json()["seats_available"], 5);
  database.run("SELECT evently.set_capacity(" + std::to_string(id) + ", 50)");
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "the event is stale", [&] {
    return client.get(path_of(id)).json()["seats_available"] == 50;
  }));
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "the list is stale", [&] {
    for (const Json& event : walk(client, "/events?limit=1000"))
      if (event["id"] == id) return event["seats_available"] == 50;
    return false;
  }));
}

TEST_F(RestEvents, ShowAtOnceWhatCameThroughTheService) {
  const auto id = new_event(5);
  const auto user = new_user();
  const auto seats = [&] { return client.get(path_of(id)).json()["seats_available"]; };
  EXPECT_EQ(seats(), 5);
  const auto booking = booked(user, id, 2);
  EXPECT_EQ(seats(), 3);
  EXPECT_EQ(client.del("/bookings/" + std::to_string(booking)).status, 200);
  EXPECT_EQ(seats(), 5);
  booked(user, id, 4);
  EXPECT_EQ(seats(), 1);
  EXPECT_EQ(admin.del("/admin/users/" + std::to_string(user)).status, 204);
  EXPECT_EQ(seats(), 5);
  EXPECT_EQ(admin.put(path_of(id).insert(0, "/admin"), {{"capacity", 9}}).status, 200);
  EXPECT_EQ(seats(), 9);
  EXPECT_EQ(admin.del("/admin" + path_of(id)).status, 204);
  EXPECT_TRUE(is_problem(client.get(path_of(id)), 404, "event-not-found"));
}

TEST_F(RestEvents, AreNotSentAgainUnchanged) {
  const auto id = new_event(5);
  const std::string etag = client.get(path_of(id)).header("ETag");
  for (const std::string& condition :
       Texts{etag, "W/" + etag, "\"0-0\", " + etag + ", \"x\"", "*"}) {
    // Closed, because this client library waits for a body behind a 304.
    const Reply reply =
        client.get(path_of(id), {{"If-None-Match", condition}, {"Connection", "close"}});
    EXPECT_EQ(reply.status, 304) << condition;
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.header("ETag"), etag);
  }
  EXPECT_EQ(client.get(path_of(id), {{"If-None-Match", "\"0-0\""}}).status, 200);
  // Half of the tag is not the tag.
  const std::string half = etag.substr(0, etag.find('-')) + "\"";
  EXPECT_EQ(client.get(path_of(id), {{"If-None-Match", half}}).status, 200);
}

TEST_F(RestEvents, NotFoundBeatsIfNoneMatch) {
  EXPECT_TRUE(is_problem(client.get("/events/" + unused_id, {{"If-None-Match", "*"}}), 404,
                         "event-not-found"));
}

TEST_F(RestEvents, AreListedByStart) {
  std::vector<std::int64_t> made;
  for (const std::string& start :
       Texts{"2097-03-01T00:00:00Z", "2097-01-01T00:00:00Z", "2097-02-01T00:00:00Z"}) {
    Json fields = event_fields(1);
    fields["start_at"] = start;
    made.push_back(admin.post("/admin/events", fields).json()["id"]);
  }
  std::vector<std::int64_t> mine;
  for (const auto id : walked_ids("/events?limit=100"))
    if (std::count(made.begin(), made.end(), id) == 1) mine.push_back(id);
  EXPECT_EQ(mine, (std::vector<std::int64_t>{made[1], made[2], made[0]}));
}

TEST_F(RestEvents, AreWalkedPageByPage) {
  // Equal starts, so that the id has to break the tie at a page's end.
  for (int i = 0; i < 7; ++i) new_event(1);
  const auto expected = ids_in_order("start_at > now()");
  ASSERT_GE(expected.size(), 7u);
  for (const std::string& limit : Texts{"3", "7", "50"})
    EXPECT_EQ(walked_ids("/events?limit=" + limit), expected) << "limit " << limit;
}

TEST_F(RestEvents, ListFiftyUpcomingOnesByDefault) {
  for (int i = 0; i < 51; ++i) new_event(1);
  new_started_event(1);
  const Reply reply = client.get("/events");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json().size(), 50u);
  EXPECT_EQ(reply.json()[0].size(), 7u);
  const auto next = next_path(reply);
  ASSERT_TRUE(next);
  EXPECT_FALSE(client.get(*next).json().empty());
  EXPECT_EQ(walked_ids("/events"), ids_in_order("start_at > now()"));
}

TEST_F(RestEvents, ListStartedOnesWhenAsked) {
  const auto started = new_started_event(1);
  const auto all = walked_ids("/events?upcoming_only=false&limit=20");
  EXPECT_EQ(all, ids_in_order("true"));
  EXPECT_EQ(std::count(all.begin(), all.end(), started), 1);
  const auto upcoming = walked_ids("/events?upcoming_only=true&limit=20");
  EXPECT_EQ(upcoming, ids_in_order("start_at > now()"));
}

TEST_F(RestEvents, ListIsRefusedOnceForEveryFault) {
  for (const std::string& limit : Texts{"0", "-1", "abc", "", "2.5", "99999999999999999999"})
    EXPECT_TRUE(has_faults(client.get("/events?limit=" + limit), {"limit"})) << limit;
  for (const std::string& flag : Texts{"maybe", "2", ""})
    EXPECT_TRUE(has_faults(client.get("/events?upcoming_only=" + flag), {"upcoming_only"})) << flag;
  EXPECT_TRUE(has_faults(client.get("/events?limit=x&upcoming_only=x&after=!"),
                         {"limit", "upcoming_only", "after"}));
}

}  // namespace
}  // namespace evently
