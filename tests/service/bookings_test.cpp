// POST /bookings, GET /bookings/{id} and DELETE /bookings/{id}; keys are in idempotency_test.
#include "tests/support/service_test.h"

namespace evently {
namespace {

class RestBookings : public ServiceTest {
 protected:
  static std::string path_of(std::int64_t id) { return "/bookings/" + std::to_string(id); }
};

TEST_F(RestBookings, TakeSeats) {
  const auto user = new_user();
  const auto event = new_event(10);
  const Reply reply = book(user, event, 3);
  ASSERT_EQ(reply.status, 201) << reply.body;
  const Json booking = reply.json();
  ASSERT_EQ(booking.size(), 5u) << reply.body;
  EXPECT_TRUE(booking["booking_id"].is_number_integer());
  EXPECT_EQ(booking["status"], "CONFIRMED");
  EXPECT_EQ(booking["user_id"], user);
  EXPECT_EQ(booking["event_id"], event);
  EXPECT_EQ(booking["seats"], 3);
  EXPECT_EQ(reply.header("Location"), path_of(booking["booking_id"]));
  EXPECT_EQ(reply.header("Idempotency-Replayed"), "");
  EXPECT_EQ(database.seats_available(event), 7);
  EXPECT_EQ(client.get("/events/" + std::to_string(event)).json()["seats_available"], 7);
}

TEST_F(RestBookings, TakeOneSeatUnlessToldOtherwise) {
  const auto event = new_event(10);
  const Reply reply = client.post("/bookings", {{"user_id", new_user()}, {"event_id", event}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_EQ(reply.json()["seats"], 1);
  EXPECT_EQ(database.seats_available(event), 9);
}

TEST_F(RestBookings, AreReadAtTheirLocation) {
  const auto user = new_user();
  const auto event = new_event(10);
  const Reply made = book(user, event, 2);
  const Reply reply = client.get(made.header("Location"));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json booking = reply.json();
  EXPECT_EQ(booking["id"], made.json()["booking_id"]);
  EXPECT_EQ(booking["user_id"], user);
  EXPECT_EQ(booking["event_id"], event);
  EXPECT_EQ(booking["seats"], 2);
  EXPECT_EQ(booking["status"], "CONFIRMED");
  EXPECT_TRUE(is_time(booking["created_at"])) << booking;
}

TEST_F(RestBookings, ThatDoNotExist) {
  for (const std::string& id : Texts{unused_id, largest_id, "0"}) {
    EXPECT_TRUE(is_problem(client.get("/bookings/" + id), 404, "booking-not-found"));
    EXPECT_TRUE(is_problem(client.del("/bookings/" + id), 404, "booking-not-found"));
  }
  for (const std::string& id : Texts{impossible_id, "abc", "%00"}) {
    const std::string path = "/bookings/" + id;
    for (const Reply& reply : {client.get(path), client.del(path)})
      EXPECT_TRUE(reply.status == 400 || reply.status == 404) << id << " " << reply.body;
  }
}

TEST_F(RestBookings, ComeBackWhenCancelled) {
  const auto user = new_user();
  const auto event = new_event(4);
  const auto id = booked(user, event, 4);
  ASSERT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));

  const Reply reply = client.del(path_of(id));
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.json(), Json({{"booking_id", id}, {"status", "CANCELLED"}}));
  EXPECT_EQ(database.seats_available(event), 4);
  EXPECT_EQ(client.get(path_of(id)).json()["status"], "CANCELLED");
  EXPECT_EQ(book(user, event, 4).status, 201) << "cancel, then book, has to work at once";
}

TEST_F(RestBookings, ComeBackOnceHoweverOftenCancelled) {
  const auto event = new_event(4);
  const auto id = booked(new_user(), event, 2);
  for (int i = 0; i < 3; ++i) {
    const Reply reply = client.del(path_of(id));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.json()["status"], "CANCELLED");
  }
  EXPECT_EQ(database.seats_available(event), 4);
}

TEST_F(RestBookings, OfAnUnknownUserOrEvent) {
  const auto user = new_user();
  const auto event = new_event(4);
  const std::int64_t unknown = std::stoll(unused_id);
  EXPECT_TRUE(is_problem(book(user, unknown), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(book(unknown, event), 404, "user-not-found"));
  EXPECT_TRUE(is_problem(book(unknown, unknown), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(book(user, std::stoll(largest_id)), 404, "event-not-found"));
  EXPECT_TRUE(is_problem(book(-1, event), 404, "user-not-found"));
  EXPECT_EQ(database.seats_available(event), 4);
}

TEST_F(RestBookings, BeyondWhatIsLeft) {
  const auto user = new_user();
  const auto event = new_event(4);
  EXPECT_TRUE(is_problem(book(user, event, 5), 409, "not-enough-seats"));
  EXPECT_TRUE(is_problem(book(user, event, 1'000'000), 409, "not-enough-seats"));
  booked(user, event, 3);
  EXPECT_TRUE(is_problem(book(user, event, 2), 409, "not-enough-seats"));
  EXPECT_EQ(book(user, event, 1).status, 201) << "a refusal must not cost the last seat";
  EXPECT_TRUE(is_problem(book(user, event, 1), 409, "not-enough-seats"));
  EXPECT_TRUE(is_problem(book(user, new_event(0), 1), 409, "not-enough-seats"));
}

TEST_F(RestBookings, OfAnEventThatHasStarted) {
  EXPECT_TRUE(is_problem(book(new_user(), new_started_event(4)), 409, "booking-closed"));
}

TEST_F(RestBookings, AreCancelledAfterTheStartAsWell) {
  const auto event = new_event(4);
  const auto id = booked(new_user(), event);
  ASSERT_EQ(
      admin.put("/admin/events/" + std::to_string(event), {{"start_at", "2001-01-01T00:00:00Z"}})
          .status,
      200);
  EXPECT_EQ(client.del(path_of(id)).status, 200);
  EXPECT_EQ(database.seats_available(event), 4);
}

TEST_F(RestBookings, RefusalsHaveAnOrder) {
  const auto user = new_user();
  const std::int64_t unknown = std::stoll(unused_id);
  const auto started = new_started_event(0);
  EXPECT_TRUE(has_faults(book(user, unknown, 0), {"seats"})) << "400 before 404";
  EXPECT_TRUE(has_faults(book(user, started, 0), {"seats"})) << "400 before 409";
  EXPECT_TRUE(is_problem(book(unknown, started), 404, "user-not-found")) << "404 before closed";
  EXPECT_TRUE(is_problem(book(user, started), 409, "booking-closed")) << "closed before sold out";
}

TEST_F(RestBookings, AreRefusedOnceForEveryFault) {
  EXPECT_TRUE(has_faults(client.post("/bookings", Json::object()), {"user_id", "event_id"}));
  EXPECT_TRUE(has_faults(
      client.post("/bookings",
                  {{"user_id", "1"}, {"event_id", 1.5}, {"seats", -2}, {"idempotency_key", 7}}),
      {"user_id", "event_id", "seats", "idempotency_key"}));
  EXPECT_TRUE(has_faults(client.post("/bookings",
                                     {{"user_id", Json::array()},
                                      {"event_id", Json::object()},
                                      {"seats", false},
                                      {"idempotency_key", std::string(256, 'k')}},
                                     {{"Idempotency-Key", "other"}}),
                         {"user_id", "event_id", "seats", "idempotency_key", "Idempotency-Key"}));
}

// {"quantity": 5} must not book one seat.
TEST_F(RestBookings, AreRefusedWithFieldsThatAreNone) {
  const auto event = new_event(4);
  Json fields = booking_fields(new_user(), event);
  fields["quantity"] = 5;
  fields["seat"] = 2;
  EXPECT_TRUE(has_faults(client.post("/bookings", fields), {"quantity", "seat"}));
  EXPECT_EQ(database.seats_available(event), 4);
}

TEST_F(RestBookings, TakeWholeNumbersHoweverTheyAreWritten) {
  const auto user = std::to_string(new_user());
  const auto event = new_event(4);
  EXPECT_EQ(client
                .send("POST", "/bookings",
                      R"({"user_id":)" + user + R"(.0,"event_id":)" + std::to_string(event) +
                          R"(,"seats":0.3e1})")
                .status,
            201);
  EXPECT_EQ(database.seats_available(event), 1);
}

TEST_F(RestBookings, AreRefusedWithNumbersThatAreNone) {
  const auto user = new_user();
  const auto event = new_event(4);
  for (const char* seats :
       {"0", "-1", "1000001", "2147483648", "9223372036854775808", "-9223372036854775809", "1.5",
        "0.0", "\"1\"", "true", "[1]", "{}", "1e400"}) {
    const std::string body = R"({"user_id":)" + std::to_string(user) + R"(,"event_id":)" +
                             std::to_string(event) + R"(,"seats":)" + seats + "}";
    EXPECT_TRUE(is_problem(client.send("POST", "/bookings", body), 400, "invalid-request"))
        << seats;
  }
  for (const std::string& id :
       Texts{impossible_id, "-9223372036854775809", "1e300", "1.5", "\"1\"", "null"}) {
    const std::string event_part = R"("event_id":)" + std::to_string(event);
    EXPECT_TRUE(has_faults(client.send("POST", "/bookings",
                                       std::string(R"({"user_id":)") + id + "," + event_part + "}"),
                           {"user_id"}))
        << id;
  }
  EXPECT_EQ(database.seats_available(event), 4);
}

TEST_F(RestBookings, AreRefusedWhenNestedTooDeeply) {
  for (const int depth : {100, 30'000}) {
    const std::string nested = std::string(depth, '[') + std::string(depth, ']');
    EXPECT_TRUE(is_problem(client.send("POST", "/bookings", R"({"x":)" + nested + "}"), 400,
                           "invalid-request"))
        << depth;
    EXPECT_TRUE(is_problem(client.send("POST", "/bookings", std::string(depth, '[')), 400,
                           "invalid-request"))
        << depth;
  }
}

}  // namespace
}  // namespace evently
