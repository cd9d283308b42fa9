// GET /admin/events/{id}/bookings.
#include "tests/support/service_test.h"

namespace evently {
namespace {

class RestAdminBookings : public ServiceTest {
 protected:
  static std::string path_of(std::int64_t event_id) {
    return "/admin/events/" + std::to_string(event_id) + "/bookings";
  }
};

TEST_F(RestAdminBookings, SayWhoBooked) {
  const std::string email = unique_word("buyer") + "@example.com";
  const std::int64_t buyer =
      client.post("/users", {{"email", email}, {"name", "Buyer"}}).json()["id"];
  const auto event = new_event(10);
  const auto first = booked(buyer, event, 2);
  const auto second = booked(new_user(), event);
  ASSERT_EQ(client.del("/bookings/" + std::to_string(second)).status, 200);

  const Reply reply = admin.get(path_of(event));
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json bookings = reply.json();
  ASSERT_EQ(bookings.size(), 2u) << bookings;
  EXPECT_EQ(bookings[0]["booking_id"], second) << "newest first";
  EXPECT_EQ(bookings[0]["status"], "CANCELLED");
  EXPECT_TRUE(bookings[0]["user_name"].is_null());
  const Json& booking = bookings[1];
  EXPECT_EQ(booking.size(), 7u) << booking;
  EXPECT_EQ(booking["booking_id"], first);
  EXPECT_EQ(booking["user_id"], buyer);
  EXPECT_EQ(booking["user_email"], email);
  EXPECT_EQ(booking["user_name"], "Buyer");
  EXPECT_EQ(booking["seats"], 2);
  EXPECT_EQ(booking["status"], "CONFIRMED");
  EXPECT_TRUE(is_time(booking["created_at"])) << booking;
}

TEST_F(RestAdminBookings, AreNoneAtFirst) {
  const Reply reply = admin.get(path_of(new_event(10)));
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json(), Json::array());
  EXPECT_EQ(reply.header("Link"), "");
}

TEST_F(RestAdminBookings, AreWalkedPageByPage) {
  const auto event = new_event(10);
  const auto user = new_user();
  std::vector<std::int64_t> ids;
  for (int i = 0; i < 7; ++i) ids.insert(ids.begin(), booked(user, event));
  for (const char* limit : {"1", "3", "7", "8"}) {
    std::vector<std::int64_t> seen;
    for (const Json& booking : walk(admin, path_of(event) + "?limit=" + limit))
      seen.push_back(booking["booking_id"]);
    EXPECT_EQ(seen, ids) << "limit " << limit;
  }
}

TEST_F(RestAdminBookings, GrowWhileTheyAreWalked) {
  const auto event = new_event(10);
  const auto user = new_user();
  const auto first = booked(user, event);
  booked(user, event);
  const Reply page = admin.get(path_of(event) + "?limit=1");
  booked(user, event);
  const auto next = next_path(page);
  ASSERT_TRUE(next);
  const Json rest = admin.get(*next).json();
  ASSERT_EQ(rest.size(), 1u) << "a new booking must not push an old one onto the next page again";
  EXPECT_EQ(rest[0]["booking_id"], first);
}

TEST_F(RestAdminBookings, AreRefused) {
  for (const std::string& id : Texts{unused_id, largest_id})
    EXPECT_TRUE(is_problem(admin.get("/admin/events/" + id + "/bookings"), 404, "event-not-found"));
  const auto event = new_event(1);
  EXPECT_TRUE(has_faults(admin.get(path_of(event) + "?limit=0&after=!"), {"limit", "after"}));
}

}  // namespace
}  // namespace evently
