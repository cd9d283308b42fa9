// The idempotency key of POST /bookings, by header and by body.
#include "tests/support/service_test.h"

namespace evently {
namespace {

class RestIdempotency : public ServiceTest {
 protected:
  Reply book_with_header(std::int64_t user, std::int64_t event, const std::string& key,
                         int seats = 1) {
    return client.post("/bookings", booking_fields(user, event, seats), {{"Idempotency-Key", key}});
  }

  // The same booking again, said as a repeat.
  static testing::AssertionResult is_replay(const Reply& reply, const Reply& first,
                                            const std::string& status = "CONFIRMED") {
    Json expected = first.json();
    expected["status"] = status;
    if (reply.status == 200 && reply.header("Idempotency-Replayed") == "true" &&
        reply.json() == expected)
      return testing::AssertionSuccess();
    return testing::AssertionFailure()
           << "expected a replay of " << first.body << ", got " << reply.status << " " << reply.body
           << " Idempotency-Replayed: " << reply.header("Idempotency-Replayed");
  }
};

TEST_F(RestIdempotency, TheSameKeyGivesTheSameBooking) {
  const auto user = new_user();
  const auto event = new_event(10);
  const Reply first = book(user, event, 2, "key-1");
  ASSERT_EQ(first.status, 201) << first.body;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(is_replay(book(user, event, 2, "key-1"), first));
  EXPECT_EQ(database.seats_available(event), 8);
}

TEST_F(RestIdempotency, ByHeaderAndByBodyAreOneKey) {
  const auto user = new_user();
  const auto event = new_event(10);
  const Reply first = book_with_header(user, event, "key-1");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_TRUE(is_replay(book_with_header(user, event, "key-1"), first));
  EXPECT_TRUE(is_replay(book(user, event, 1, "key-1"), first));
  EXPECT_TRUE(is_replay(client.post("/bookings", booking_fields(user, event, 1, "key-1"),
                                    {{"Idempotency-Key", "key-1"}}),
                        first));
  EXPECT_EQ(database.seats_available(event), 9);
}

// A structured field's string is the same key as its text.
TEST_F(RestIdempotency, QuotesOfTheHeaderAreNotPartOfTheKey) {
  const auto user = new_user();
  const auto event = new_event(10);
  const Reply first = book_with_header(user, event, R"("a \"key\"")");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_TRUE(is_replay(book(user, event, 1, R"(a "key")"), first));
  EXPECT_TRUE(is_problem(book_with_header(user, event, R"("")"), 400, "invalid-request"));
  // Which is no such string is a key as it stands.
  const Reply other = book_with_header(user, event, R"("a" and "b")");
  ASSERT_EQ(other.status, 201) << other.body;
  EXPECT_TRUE(is_replay(book(user, event, 1, R"("a" and "b")"), other));
  EXPECT_EQ(database.seats_available(event), 8);
}

TEST_F(RestIdempotency, HeaderAndBodyThatDifferAreRefused) {
  const auto user = new_user();
  const auto event = new_event(10);
  EXPECT_TRUE(is_problem(
      client.post("/bookings", booking_fields(user, event, 1, "one"), {{"Idempotency-Key", "two"}}),
      400, "invalid-request"));
  EXPECT_TRUE(
      is_problem(client.post("/bookings", booking_fields(user, event),
                             Headers{{"Idempotency-Key", "one"}, {"Idempotency-Key", "two"}}),
                 400, "invalid-request"));
  EXPECT_EQ(database.seats_available(event), 10);
}

TEST_F(RestIdempotency, KeysHave1To255Bytes) {
  const auto user = new_user();
  const auto event = new_event(10);
  EXPECT_EQ(book(user, event, 1, std::string(255, 'k')).status, 201);
  EXPECT_EQ(book_with_header(user, event, std::string(255, 'h')).status, 201);
  EXPECT_TRUE(has_faults(book(user, event, 1, std::string(256, 'k')), {"idempotency_key"}));
  EXPECT_TRUE(
      is_problem(book_with_header(user, event, std::string(256, 'h')), 400, "invalid-request"));
  EXPECT_TRUE(is_problem(book_with_header(user, event, ""), 400, "invalid-request"));
  Json empty = booking_fields(user, event);
  empty["idempotency_key"] = "";
  EXPECT_TRUE(has_faults(client.post("/bookings", empty), {"idempotency_key"}));
  // 128 letters of two bytes each.
  std::string letters;
  for (int i = 0; i < 128; ++i) letters += "ä";
  EXPECT_TRUE(has_faults(book(user, event, 1, letters), {"idempotency_key"}));
}

TEST_F(RestIdempotency, KeysAreBytes) {
  const auto user = new_user();
  const auto event = new_event(10);
  const Reply plain = book_with_header(user, event, "a b");
  ASSERT_EQ(plain.status, 201) << plain.body;
  for (const char* other : {"a%20b", "A B", "a+b"}) {
    const Reply reply = book_with_header(user, event, other);
    EXPECT_EQ(reply.status, 201) << other << " " << reply.body;
    EXPECT_NE(reply.json()["booking_id"], plain.json()["booking_id"]) << other;
  }
  EXPECT_TRUE(is_replay(book(user, event, 1, "a b"), plain));
}

TEST_F(RestIdempotency, AKeyBelongsToItsUser) {
  const auto event = new_event(10);
  const Reply mine = book(new_user(), event, 1, "shared");
  const Reply yours = book(new_user(), event, 1, "shared");
  EXPECT_EQ(mine.status, 201);
  EXPECT_EQ(yours.status, 201);
  EXPECT_NE(mine.json()["booking_id"], yours.json()["booking_id"]);
}

TEST_F(RestIdempotency, WithOtherContentItIsRefused) {
  const auto user = new_user();
  const auto event = new_event(10);
  ASSERT_EQ(book(user, event, 1, "key").status, 201);
  EXPECT_TRUE(is_problem(book(user, event, 2, "key"), 422, "idempotency-key-reused"));
  EXPECT_TRUE(is_problem(book(user, new_event(10), 1, "key"), 422, "idempotency-key-reused"));
  EXPECT_EQ(database.seats_available(event), 9);
}

TEST_F(RestIdempotency, AReusedKeyBeatsEveryLaterRefusal) {
  const auto user = new_user();
  ASSERT_EQ(book(user, new_event(10), 1, "key").status, 201);
  const std::string code = "idempotency-key-reused";
  EXPECT_TRUE(is_problem(book(user, std::stoll(unused_id), 1, "key"), 422, code));
  EXPECT_TRUE(is_problem(book(user, new_started_event(5), 1, "key"), 422, code));
  EXPECT_TRUE(is_problem(book(user, new_event(0), 1, "key"), 422, code));
  EXPECT_TRUE(has_faults(book(user, new_event(0), 0, "key"), {"seats"})) << "400 comes first";
}

TEST_F(RestIdempotency, ARepeatIsAnsweredWhenSoldOut) {
  const auto user = new_user();
  const auto event = new_event(1);
  const Reply last_seat = book(user, event, 1, "last");
  ASSERT_EQ(last_seat.status, 201);
  ASSERT_TRUE(is_problem(book(user, event, 1, "another"), 409, "not-enough-seats"));
  EXPECT_TRUE(is_replay(book(user, event, 1, "last"), last_seat));
}

TEST_F(RestIdempotency, ARepeatIsAnsweredAfterTheStart) {
  const auto user = new_user();
  const auto event = new_event(1);
  const Reply first = book(user, event, 1, "key");
  ASSERT_EQ(
      admin.put("/admin/events/" + std::to_string(event), {{"start_at", "2001-01-01T00:00:00Z"}})
          .status,
      200);
  EXPECT_TRUE(is_replay(book(user, event, 1, "key"), first));
}

TEST_F(RestIdempotency, ARepeatShowsTheBookingAsItIsNow) {
  const auto user = new_user();
  const auto event = new_event(1);
  const Reply first = book(user, event, 1, "key");
  ASSERT_EQ(client.del(first.header("Location")).status, 200);
  EXPECT_TRUE(is_replay(book(user, event, 1, "key"), first, "CANCELLED"));
  EXPECT_EQ(database.seats_available(event), 1) << "a repeat must not book again";
}

TEST_F(RestIdempotency, ARefusedBookingLeavesItsKeyFree) {
  const auto user = new_user();
  const auto event = new_event(1);
  const auto blocking = booked(user, event);
  ASSERT_TRUE(is_problem(book(user, event, 1, "key"), 409, "not-enough-seats"));
  ASSERT_EQ(client.del("/bookings/" + std::to_string(blocking)).status, 200);
  EXPECT_EQ(book(user, event, 1, "key").status, 201);
}

}  // namespace
}  // namespace evently
