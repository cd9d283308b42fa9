#include "tests/support/service_test.h"

#include <stdexcept>

#include "tests/support/redis.h"
#include "tests/support/sessions/eventually.h"

namespace evently {

Json event_fields(int capacity) {
  return {{"name", unique_word("Event")},
          {"venue", "Hall"},
          {"start_at", "2099-06-01T20:00:00Z"},
          {"capacity", capacity}};
}

Json booking_fields(std::int64_t user_id, std::int64_t event_id, int seats,
                    const std::string& key) {
  Json fields = {{"user_id", user_id}, {"event_id", event_id}, {"seats", seats}};
  if (!key.empty()) fields["idempotency_key"] = key;
  return fields;
}

ServiceTest::ServiceTest() : log_bytes_before_(part_log_bytes("api")) {
  admin.as_admin();
}

void ServiceTest::TearDown() {
  // A connection of its own: some tests restart the database.
  EXPECT_EQ(OwnerDatabase().violations(), "");
  EXPECT_EQ(part_log("api", log_bytes_before_).find("\"status\":500"), std::string::npos);
}

void ServiceTest::await_all_parts() {
  constexpr Milliseconds recovery{10'000};
  const auto event = new_event(3);
  ASSERT_TRUE(tokens_become(event, 3, recovery));
  ASSERT_TRUE(eventually_true(recovery, "the service does not ask Redis", [&] {
    return client.get("/ready").json().value("redis", "") == "ok";
  }));
}

std::int64_t ServiceTest::new_user() {
  const Reply reply = client.post("/users", {{"email", unique_word("user") + "@example.com"}});
  if (reply.status != 201) throw std::runtime_error("no user: " + reply.body);
  return reply.json()["id"];
}

std::int64_t ServiceTest::new_event(int capacity) {
  const Reply reply = admin.post("/admin/events", event_fields(capacity));
  if (reply.status != 201) throw std::runtime_error("no event: " + reply.body);
  return reply.json()["id"];
}

std::int64_t ServiceTest::new_started_event(int capacity) {
  Json fields = event_fields(capacity);
  fields["start_at"] = "2001-01-01T00:00:00Z";
  const Reply reply = admin.post("/admin/events", fields);
  if (reply.status != 201) throw std::runtime_error("no event: " + reply.body);
  return reply.json()["id"];
}

std::vector<std::int64_t> ServiceTest::new_users(int count) {
  std::vector<std::int64_t> ids;
  const std::string word = unique_word("many");
  for (const auto& row : database.run("SELECT (evently.create_user('" + word +
                                      "-' || n || '@example.com')).id FROM generate_series(1, " +
                                      std::to_string(count) + ") n"))
    ids.push_back(row[0].as<std::int64_t>());
  return ids;
}

Reply ServiceTest::book(std::int64_t user_id, std::int64_t event_id, int seats,
                        const std::string& key) {
  return client.post("/bookings", booking_fields(user_id, event_id, seats, key));
}

std::int64_t ServiceTest::booked(std::int64_t user_id, std::int64_t event_id, int seats) {
  const Reply reply = book(user_id, event_id, seats);
  if (reply.status != 201) throw std::runtime_error("no booking: " + reply.body);
  return reply.json()["booking_id"];
}

}  // namespace evently
