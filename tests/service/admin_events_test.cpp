// POST, PUT and DELETE of /admin/events.
#include "tests/support/service_test.h"

namespace evently {
namespace {

class RestAdminEvents : public ServiceTest {
 protected:
  static std::string path_of(std::int64_t id) { return "/admin/events/" + std::to_string(id); }
  std::string etag_of(std::int64_t id) {
    return client.get("/events/" + std::to_string(id)).header("ETag");
  }
  Reply post_with(const char* field, const Json& value) {
    Json fields = event_fields(5);
    fields[field] = value;
    return admin.post("/admin/events", fields);
  }
};

TEST_F(RestAdminEvents, AreCreated) {
  const Json fields = event_fields(40);
  const Reply reply = admin.post("/admin/events", fields);
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json event = reply.json();
  EXPECT_EQ(event.size(), 7u) << event;
  EXPECT_EQ(event["name"], fields["name"]);
  EXPECT_EQ(event["venue"], "Hall");
  EXPECT_EQ(event["capacity"], 40);
  EXPECT_EQ(event["seats_available"], 40);
  EXPECT_EQ(event["version"], 1);
  EXPECT_TRUE(is_time(event["start_at"])) << event;
  EXPECT_EQ(client.get(reply.header("Location")).json(), event);
  EXPECT_EQ(reply.header("ETag"), etag_of(event["id"]));
}

TEST_F(RestAdminEvents, NeedNoVenue) {
  Json fields = event_fields(1);
  fields.erase("venue");
  const Reply reply = admin.post("/admin/events", fields);
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_TRUE(reply.json()["venue"].is_null());
}

TEST_F(RestAdminEvents, HaveFrom0To1000000Seats) {
  EXPECT_EQ(post_with("capacity", 0).status, 201);
  EXPECT_EQ(post_with("capacity", 1'000'000).status, 201);
  for (const Json& capacity : {Json(-1), Json(1'000'001), Json(1.5), Json("5"), Json(true),
                               Json(Json::array()), Json(18446744073709551615u)})
    EXPECT_TRUE(has_faults(post_with("capacity", capacity), {"capacity"})) << capacity;
}

TEST_F(RestAdminEvents, StartAtATimeWithAnOffset) {
  const Reply reply = post_with("start_at", "2099-03-01T00:15:00+05:45");
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json()["start_at"].get<std::string>().substr(0, 19), "2099-02-28T18:30:00");
  EXPECT_EQ(post_with("start_at", "1970-01-01T00:00:00Z").status, 201);
  EXPECT_EQ(post_with("start_at", "9999-12-31T23:59:59Z").status, 201);
  for (const char* start :
       {"", "soon", "2099-01-01", "2099-01-01T00:00:00", "2099-02-30T00:00:00Z",
        "2099-13-01T00:00:00Z", "2099-01-01T25:00:00Z", "2099-01-01T00:60:00Z",
        "1969-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "infinity",
        "now", "2099-01-01T00:00:00Z; DROP TABLE events", "2099-01-01T00:00:00+99:99"})
    EXPECT_TRUE(has_faults(post_with("start_at", start), {"start_at"})) << start;
  EXPECT_TRUE(has_faults(post_with("start_at", 4070908800), {"start_at"}));
}

TEST_F(RestAdminEvents, HaveANameAndAVenueThatFit) {
  EXPECT_EQ(post_with("name", std::string(200, 'n')).status, 201);
  EXPECT_EQ(post_with("venue", std::string(200, 'v')).status, 201);
  EXPECT_EQ(post_with("name", "\"; DROP TABLE evently.events; --").status, 201);
  EXPECT_EQ(post_with("name", "  Fête  ").json()["name"], "Fête");
  for (const Json& name :
       {Json(""), Json("   "), Json(std::string(201, 'n')), Json("a\nb"), Json(7), Json(nullptr)})
    EXPECT_TRUE(has_faults(post_with("name", name), {"name"})) << name;
  for (const Json& venue : {Json(std::string(201, 'v')), Json("a\x7f"), Json(7)})
    EXPECT_TRUE(has_faults(post_with("venue", venue), {"venue"})) << venue;
}

TEST_F(RestAdminEvents, AreRefusedOnceForEveryFault) {
  EXPECT_TRUE(
      has_faults(admin.post("/admin/events", Json::object()), {"name", "start_at", "capacity"}));
  EXPECT_TRUE(has_faults(
      admin.post("/admin/events",
                 {{"name", 1}, {"venue", false}, {"start_at", "never"}, {"capacity", "many"}}),
      {"name", "venue", "start_at", "capacity"}));
  EXPECT_TRUE(has_faults(
      admin.put(path_of(new_event(1)),
                {{"name", 1}, {"venue", false}, {"start_at", "never"}, {"capacity", "many"}}),
      {"name", "venue", "start_at", "capacity"}));
}

TEST_F(RestAdminEvents, ChangeFieldByField) {
  const auto id = new_event(10);
  booked(new_user(), id, 4);
  Json expected = client.get("/events/" + std::to_string(id)).json();
  const std::pair<const char*, Json> changes[] = {{"name", "Another name"},
                                                  {"venue", "Another hall"},
                                                  {"start_at", "2098-01-02T03:04:05Z"},
                                                  {"capacity", 7}};
  for (const auto& [field, value] : changes) {
    const Reply reply = admin.put(path_of(id), {{field, value}});
    ASSERT_EQ(reply.status, 200) << field << " " << reply.body;
    const Json event = reply.json();
    for (const char* name : {"name", "venue", "start_at", "capacity"}) {
      if (name != std::string(field)) {
        EXPECT_EQ(event[name], expected[name]) << field;
      }
    }
    if (field == std::string("start_at")) {
      EXPECT_EQ(event[field].get<std::string>().substr(0, 19), "2098-01-02T03:04:05");
    } else {
      EXPECT_EQ(event[field], value);
    }
    EXPECT_EQ(client.get("/events/" + std::to_string(id)).json(), event);
    EXPECT_EQ(reply.header("ETag"), etag_of(id));
    expected = event;
  }
  EXPECT_EQ(expected["seats_available"], 3);
}

TEST_F(RestAdminEvents, ChangeAllFieldsAtOnce) {
  const auto id = new_event(10);
  const Json fields = {{"name", "All"},
                       {"venue", "Everywhere"},
                       {"start_at", "2098-01-02T03:04:05Z"},
                       {"capacity", 11}};
  const Reply reply = admin.put(path_of(id), fields);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json()["name"], "All");
  EXPECT_EQ(reply.json()["venue"], "Everywhere");
  EXPECT_EQ(reply.json()["seats_available"], 11);
  Json more = fields;
  more["seats_available"] = 500;
  more["version"] = 99;
  EXPECT_TRUE(has_faults(admin.put(path_of(id), more), {"seats_available", "version"}));
}

TEST_F(RestAdminEvents, LoseTheirVenue) {
  const auto id = new_event(1);
  const Reply reply = admin.put(path_of(id), {{"venue", ""}});
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_TRUE(reply.json()["venue"].is_null());
}

TEST_F(RestAdminEvents, AreNotChangedByNothing) {
  const auto id = new_event(1);
  EXPECT_TRUE(has_faults(admin.put(path_of(id), Json::object()), {"body"}));
  EXPECT_TRUE(
      has_faults(admin.put(path_of(id), {{"seats_available", 9}}), {"body", "seats_available"}));
  EXPECT_TRUE(has_faults(admin.send("PUT", path_of(id), "{"), {"body"}));
}

TEST_F(RestAdminEvents, MoreSeatsSellAtOnce) {
  const auto id = new_event(1);
  booked(new_user(), id);
  const auto user = new_user();
  ASSERT_TRUE(is_problem(book(user, id), 409, "not-enough-seats"));
  ASSERT_EQ(admin.put(path_of(id), {{"capacity", 2}}).status, 200);
  EXPECT_EQ(book(user, id).status, 201);
}

TEST_F(RestAdminEvents, KeepTheSeatsThatAreBooked) {
  const auto id = new_event(10);
  booked(new_user(), id, 4);
  EXPECT_TRUE(is_problem(admin.put(path_of(id), {{"capacity", 3}}), 400, "capacity-below-booked"));
  EXPECT_EQ(database.seats_available(id), 6);
  EXPECT_EQ(admin.put(path_of(id), {{"capacity", 4}}).json()["seats_available"], 0);
}

TEST_F(RestAdminEvents, ChangeIfTheyMatch) {
  const auto id = new_event(10);
  const std::string read = etag_of(id);
  booked(new_user(), id);
  // A booking moves the second part only, so an administrator is not locked out of a busy event.
  EXPECT_EQ(admin.put(path_of(id), {{"name", "First"}}, {{"If-Match", read}}).status, 200);
  EXPECT_TRUE(is_problem(admin.put(path_of(id), {{"name", "Lost"}}, {{"If-Match", read}}), 412,
                         "details-changed"));
  EXPECT_EQ(client.get("/events/" + std::to_string(id)).json()["name"], "First");
  EXPECT_EQ(admin.put(path_of(id), {{"name", "Second"}}, {{"If-Match", etag_of(id)}}).status, 200);
  EXPECT_EQ(admin.put(path_of(id), {{"name", "Third"}}, {{"If-Match", "*"}}).status, 200);
  EXPECT_EQ(admin.put(path_of(id), {{"name", "Fourth"}}, {{"If-Match", "\"0-0\", " + etag_of(id)}})
                .status,
            200);
  for (const char* tag : {"\"0-0\"", "\"x\"", "\"\"", "\"99-1\""})
    EXPECT_TRUE(is_problem(admin.put(path_of(id), {{"name", "Lost"}}, {{"If-Match", tag}}), 412,
                           "details-changed"))
        << tag;
  EXPECT_TRUE(is_problem(admin.put(path_of(id), {{"name", "Lost"}}, {{"If-Match", "1-1"}}), 400,
                         "invalid-request"));
  EXPECT_EQ(client.get("/events/" + std::to_string(id)).json()["name"], "Fourth");
}

// A weak tag stands for nothing that can be changed; an empty element of a list for nothing at all.
TEST_F(RestAdminEvents, CompareStronglyAndReadLists) {
  const auto id = new_event(10);
  const std::string etag = etag_of(id);
  EXPECT_TRUE(is_problem(admin.put(path_of(id), {{"name", "Lost"}}, {{"If-Match", "W/" + etag}}),
                         412, "details-changed"));
  EXPECT_EQ(admin.put(path_of(id), {{"name", "Kept"}}, {{"If-Match", ", " + etag + ","}}).status,
            200);
}

TEST_F(RestAdminEvents, AreNotChangedWhereNoneShouldBe) {
  const auto id = new_event(10);
  for (const std::string& tags :
       Texts{"*", etag_of(id), "W/" + etag_of(id), "\"0-0\", " + etag_of(id)})
    EXPECT_TRUE(is_problem(admin.put(path_of(id), {{"name", "x"}}, {{"If-None-Match", tags}}), 412,
                           "precondition-failed"))
        << tags;
  EXPECT_EQ(admin.put(path_of(id), {{"name", "x"}}, {{"If-None-Match", "\"0-0\""}}).status, 200);
  EXPECT_TRUE(
      is_problem(admin.put("/admin/events/" + unused_id, {{"name", "x"}}, {{"If-None-Match", "*"}}),
                 404, "event-not-found"));
}

// A page that is out of date must not destroy what it does not show.
TEST_F(RestAdminEvents, AreDeletedIfTheyMatch) {
  const auto id = new_event(10);
  const std::string old = etag_of(id);
  booked(new_user(), id);
  ASSERT_EQ(admin.put(path_of(id), {{"name", "Changed"}}).status, 200);
  const auto delete_if = [&](const char* name, const std::string& tags) {
    return admin.send("DELETE", path_of(id), "", {{name, tags}});
  };
  EXPECT_TRUE(is_problem(delete_if("If-Match", old), 412, "details-changed"));
  EXPECT_TRUE(is_problem(delete_if("If-Match", "\"x\""), 412, "details-changed"));
  EXPECT_TRUE(is_problem(delete_if("If-None-Match", "*"), 412, "precondition-failed"));
  EXPECT_TRUE(has_faults(delete_if("If-Match", "1-1"), {"If-Match"}));
  const std::string now = etag_of(id);
  booked(new_user(), id);
  EXPECT_EQ(delete_if("If-Match", now).status, 204) << "bookings do not count";
  EXPECT_TRUE(is_problem(delete_if("If-Match", "*"), 404, "event-not-found"));
}

TEST_F(RestAdminEvents, ThatDoNotExistAreNeitherChangedNorDeleted) {
  for (const std::string& id : Texts{unused_id, largest_id, "0"}) {
    const std::string path = "/admin/events/" + id;
    EXPECT_TRUE(is_problem(admin.put(path, {{"name", "x"}}), 404, "event-not-found"));
    EXPECT_TRUE(is_problem(admin.put(path, {{"capacity", 5}}), 404, "event-not-found"));
    EXPECT_TRUE(is_problem(admin.del(path), 404, "event-not-found"));
  }
  for (const std::string& id : Texts{impossible_id, "abc"}) {
    const std::string path = "/admin/events/" + id;
    for (const Reply& reply : {admin.put(path, {{"name", "x"}}), admin.del(path)})
      EXPECT_TRUE(reply.status == 400 || reply.status == 404) << reply.body;
  }
}

TEST_F(RestAdminEvents, GoWithTheirBookings) {
  const auto user = new_user();
  const auto id = new_event(10);
  const auto booking = booked(user, id, 4);
  const Reply reply = admin.del(path_of(id));
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_TRUE(is_problem(client.get("/events/" + std::to_string(id)), 404, "event-not-found"));
  EXPECT_TRUE(
      is_problem(client.get("/bookings/" + std::to_string(booking)), 404, "booking-not-found"));
  EXPECT_TRUE(is_problem(book(user, id), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(admin.del(path_of(id)), 404, "event-not-found"));
  EXPECT_EQ(client.get("/users/" + std::to_string(user) + "/bookings").json(), Json::array());
}

}  // namespace
}  // namespace evently
