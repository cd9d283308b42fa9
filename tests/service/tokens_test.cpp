// The tokens in Redis as an onlooker sees them, with all parts running (I7: equal to the database
// within 1 s of quiet).
#include <optional>

#include "tests/support/redis.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds quiet{1000};

// A bridge that stands still and is believed all the same: what Redis says is what the service
// makes of it, however slow the machine is.
class FrozenTokens {
 public:
  FrozenTokens() : bridge_(part_pid("bridge")) {
    TestRedis().command({"SET", "evently:lease", "a test", "PX", "60000"});
  }
  ~FrozenTokens() { TestRedis().command({"DEL", "evently:lease"}); }
  FrozenTokens(const FrozenTokens&) = delete;
  FrozenTokens& operator=(const FrozenTokens&) = delete;

 private:
  const Frozen bridge_;
};

class Tokens : public ServiceTest {
 protected:
  void SetUp() override { await_all_parts(); }

  testing::AssertionResult tokens_vanish(std::int64_t event) {
    return eventually_true(quiet, "there are tokens", [&] { return !redis.tokens(event); });
  }
  std::string book_by_sql(std::int64_t user, std::int64_t event, int seats) {
    return database.value<std::string>("SELECT id FROM evently.book(" + std::to_string(user) +
                                       ", " + std::to_string(event) + ", " + std::to_string(seats) +
                                       ")");
  }
  void cancel_by_sql(std::int64_t booking) {
    database.run("SELECT evently.cancel(" + std::to_string(booking) + ")");
  }

  TestRedis redis;
};

TEST_F(Tokens, FollowAnEventThroughItsLife) {
  const auto user = new_user();
  const auto event = new_event(10);
  EXPECT_TRUE(tokens_become(event, 10));
  const auto id = booked(user, event, 3);
  EXPECT_TRUE(tokens_become(event, 7));
  ASSERT_EQ(client.del("/bookings/" + std::to_string(id)).status, 200);
  EXPECT_TRUE(tokens_become(event, 10));
  ASSERT_EQ(admin.put("/admin/events/" + std::to_string(event), {{"capacity", 25}}).status, 200);
  EXPECT_TRUE(tokens_become(event, 25));
  ASSERT_EQ(admin.del("/admin/events/" + std::to_string(event)).status, 204);
  EXPECT_TRUE(tokens_vanish(event));
}

// Without waiting for the bridge, which is frozen: cancel, then book, has to work at once.
TEST_F(Tokens, AreRightWhenTheAnswerArrives) {
  const auto user = new_user();
  const auto event = new_event(3);
  ASSERT_TRUE(tokens_become(event, 3));
  const Frozen bridge(part_pid("bridge"));
  for (int seats = 2; seats >= 0; --seats) {
    booked(user, event);
    EXPECT_EQ(redis.tokens(event), seats);
  }
  const Json history = client.get("/users/" + std::to_string(user) + "/bookings").json();
  ASSERT_EQ(client.del("/bookings/" + history[0]["id"].dump()).status, 200);
  EXPECT_EQ(redis.tokens(event), 1);
  EXPECT_EQ(book(user, event).status, 201);
}

// Redis does not answer the write-back in time, and never runs it: its tokens stay at 0.
TEST_F(Tokens, AreNotAskedWhenRedisMissedACancellation) {
  const auto user = new_user();
  const auto event = new_event(1);
  ASSERT_TRUE(tokens_become(event, 1));
  const auto booking = booked(user, event);
  const Frozen bridge(part_pid("bridge"));
  redis.command({"CLIENT", "PAUSE", "10000", "WRITE"});
  const auto cancelled = client.del("/bookings/" + std::to_string(booking));
  redis.command({"CLIENT", "UNPAUSE"});
  ASSERT_EQ(cancelled.status, 200);
  ASSERT_EQ(redis.tokens(event), 0);
  EXPECT_EQ(book(user, event).status, 201);
}

// VACUUM FULL begins a new epoch while the service keeps its connections.
TEST_F(Tokens, AreRightWhenTheAnswerArrivesInANewEpoch) {
  const auto user = new_user();
  const auto event = new_event(3);
  booked(user, event);
  database.run("VACUUM FULL evently.events");
  const auto epoch = database.value<std::string>("SELECT evently.epoch()");
  ASSERT_TRUE(eventually_true(quiet, "Redis holds another epoch", [&] {
    return redis.command({"GET", "evently:epoch"}) == epoch;
  }));
  ASSERT_TRUE(tokens_become(event, 2));
  const Frozen bridge(part_pid("bridge"));
  booked(user, event);
  EXPECT_EQ(redis.tokens(event), 1);
}

TEST_F(Tokens, FollowWhatSqlCallersDo) {
  const auto user = new_user();
  const auto event = new_event(10);
  ASSERT_TRUE(tokens_become(event, 10));
  const std::string booking = book_by_sql(user, event, 10);
  EXPECT_TRUE(tokens_become(event, 0));
  EXPECT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
  cancel_by_sql(std::stoll(booking));
  EXPECT_TRUE(tokens_become(event, 10));
  // The service heard nothing of it, and remembers its own refusal for a moment.
  EXPECT_TRUE(
      eventually_true(quiet, "sold out, falsely", [&] { return book(user, event).status == 201; }));
}

TEST_F(Tokens, FollowADeletedUser) {
  const auto user = new_user();
  const auto event = new_event(10);
  booked(user, event, 4);
  ASSERT_TRUE(tokens_become(event, 6));
  ASSERT_EQ(admin.del("/admin/users/" + std::to_string(user)).status, 204);
  EXPECT_EQ(database.seats_available(event), 10);
  EXPECT_TRUE(tokens_become(event, 10));
}

TEST_F(Tokens, VanishWhenTheEventHasStarted) {
  EXPECT_EQ(redis.tokens(new_started_event(5)), std::nullopt);
  const auto event = new_event(5);
  ASSERT_TRUE(tokens_become(event, 5));
  ASSERT_EQ(
      admin.put("/admin/events/" + std::to_string(event), {{"start_at", "2001-01-01T00:00:00Z"}})
          .status,
      200);
  EXPECT_TRUE(tokens_vanish(event));
  EXPECT_TRUE(is_problem(book(new_user(), event), 409, "booking-closed"));
}

TEST_F(Tokens, EndBeforeTheEventStarts) {
  const auto event = new_event(1);
  booked(new_user(), event);
  database.run("SELECT evently.update_event(" + std::to_string(event) +
               ", start_at => clock_timestamp() + interval '300 ms')");
  // "closed" has to be said, although the tokens said "sold out" until now.
  EXPECT_TRUE(eventually_true(quiet, "booking is still open", [&] {
    return is_problem(book(new_user(), event), 409, "booking-closed") == true;
  }));
  EXPECT_EQ(redis.tokens(event), std::nullopt);
}

TEST_F(Tokens, ThatSayTooFewAreMended) {
  const auto event = new_event(10);
  ASSERT_TRUE(tokens_become(event, 10));
  redis.command({"SET", "event:" + std::to_string(event) + ":tokens", "0"});
  // Being asked is what gets them read again.
  EXPECT_TRUE(eventually_true(quiet, "a false refusal",
                              [&] { return book(new_user(), event).status == 201; }));
  EXPECT_TRUE(tokens_become(event, 9));
}

TEST_F(Tokens, ThatSayTooManyCostNoSeat) {
  const auto user = new_user();
  const auto event = new_event(1);
  booked(user, event);
  ASSERT_TRUE(tokens_become(event, 0));
  redis.command({"SET", "event:" + std::to_string(event) + ":tokens", "1000"});
  EXPECT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
  EXPECT_TRUE(tokens_become(event, 0));
}

TEST_F(Tokens, ThatAreNoNumbersAreOfNoConsequence) {
  const auto event = new_event(10);
  ASSERT_TRUE(tokens_become(event, 10));
  const std::string key = "event:" + std::to_string(event) + ":tokens";
  redis.command({"SET", key, "many"});
  EXPECT_EQ(book(new_user(), event).status, 201);
  redis.command({"DEL", key});
  redis.command({"LPUSH", key, "1"});
  EXPECT_EQ(book(new_user(), event).status, 201);
}

// Takes tokens as a service does that dies before it asks the database.
TEST_F(Tokens, TakenByAServiceThatDiedComeHome) {
  const auto event = new_event(10);
  ASSERT_TRUE(tokens_become(event, 10));
  redis.command({"DECRBY", "event:" + std::to_string(event) + ":tokens", "4"});
  redis.command({"SADD", "evently:touched", std::to_string(event)});
  EXPECT_TRUE(tokens_become(event, 10));
}

TEST_F(Tokens, OfARefusedBookingComeHome) {
  const auto user = new_user();
  const auto event = new_event(10);
  ASSERT_TRUE(tokens_become(event, 10));
  const Frozen bridge(part_pid("bridge"));
  EXPECT_TRUE(is_problem(book(std::stoll(unused_id), event, 4), 404, "user-not-found"));
  EXPECT_EQ(redis.tokens(event), 10);
  ASSERT_EQ(book(user, event, 1, "key").status, 201);
  ASSERT_EQ(book(user, event, 1, "key").status, 200);
  ASSERT_EQ(book(user, event, 2, "key").status, 422);
  EXPECT_EQ(redis.tokens(event), 9);
}

// Until then they hide no seat: otherwise a client that sends what cannot be booked, or one key
// again and again, could make an event look sold out.
TEST_F(Tokens, OfABookingThatWillBeRefusedHideNoSeat) {
  const auto user = new_user();
  const auto event = new_event(1);
  ASSERT_TRUE(tokens_become(event, 1));
  const ServiceProcess other;
  const FrozenTokens frozen;
  HeldEvent held(event);
  std::optional<Reply> refused, booked;
  const auto send = [&](const std::string& url, std::int64_t by, std::optional<Reply>& reply) {
    return std::thread([&, url, by] {
      reply = HttpClient(url).try_send("POST", "/bookings", booking_fields(by, event).dump());
    });
  };
  std::thread first = send(setting("API_URL"), std::stoll(unused_id), refused);
  EXPECT_TRUE(eventually_true(quiet, "the first does not wait",
                              [&] { return database.waiting_for_lock() == 1; }));
  EXPECT_EQ(redis.tokens(event), 0);
  std::thread second = send(other.url(), user, booked);
  EXPECT_TRUE(eventually_true(quiet, "the second does not wait",
                              [&] { return database.waiting_for_lock() == 2; }));
  held.release();
  first.join();
  second.join();
  EXPECT_TRUE(refused && refused->status == 404);
  EXPECT_TRUE(booked && booked->status == 201);
}

TEST_F(Tokens, OfABookingThatFailedHideNoSeat) {
  const ServiceProcess impatient{{"EVENTLY_LOCK_TIMEOUT_MS", "200"}, {"MAX_RETRIES", "0"}};
  const auto user = new_user();
  const auto event = new_event(3);
  ASSERT_TRUE(tokens_become(event, 3));
  const FrozenTokens frozen;
  {
    const HeldEvent held(event);
    EXPECT_TRUE(
        is_problem(HttpClient(impatient.url()).post("/bookings", booking_fields(user, event, 3)),
                   503, "busy"));
  }
  EXPECT_EQ(redis.tokens(event), 0);
  EXPECT_EQ(book(user, event).status, 201);
}

// The lost answer of the last seat, sent again: ten times, each with tokens at 0.
TEST_F(Tokens, AKeyBeatsThem) {
  const auto user = new_user();
  for (int round = 0; round < 10; ++round) {
    const auto event = new_event(1);
    ASSERT_TRUE(tokens_become(event, 1));
    const std::string key = unique_word("last");
    const Reply first = book(user, event, 1, key);
    ASSERT_EQ(first.status, 201) << first.body;
    ASSERT_EQ(redis.tokens(event), 0);
    const Reply again = book(user, event, 1, key);
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.json(), first.json());
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  }
}

// The first answer is not lost but late: its booking holds the last token and has not committed.
// The second asks another service: in the same one it would wait in the queue of the event.
TEST_F(Tokens, AKeyWhoseBookingIsUnderWayIsNotRefused) {
  const auto user = new_user();
  const auto event = new_event(1);
  ASSERT_TRUE(tokens_become(event, 1));
  const std::string body = booking_fields(user, event, 1, "key").dump();
  const ServiceProcess other;
  HeldEvent held(event);
  std::optional<Reply> replies[2];
  std::thread first([&] { replies[0] = HttpClient().try_send("POST", "/bookings", body); });
  EXPECT_TRUE(eventually_true(quiet, "the first does not wait",
                              [&] { return database.waiting_for_lock() == 1; }));
  // Where it has put them, if the bridge has not looked at the event since.
  redis.command({"SET", "event:" + std::to_string(event) + ":tokens", "0"});
  std::thread second(
      [&] { replies[1] = HttpClient(other.url()).try_send("POST", "/bookings", body); });
  EXPECT_TRUE(eventually_true(quiet, "the second does not wait for the first",
                              [&] { return database.waiting_for_lock() == 2; }));
  held.release();
  first.join();
  second.join();
  ASSERT_TRUE(replies[0] && replies[1]);
  EXPECT_EQ(replies[0]->status + replies[1]->status, 201 + 200)
      << replies[0]->body << replies[1]->body;
  EXPECT_EQ(replies[0]->json(), replies[1]->json());
}

TEST_F(Tokens, AnswerWithoutTheDatabaseWhenSoldOut) {
  const auto event = new_event(1);
  booked(new_user(), event);
  ASSERT_TRUE(tokens_become(event, 0));
  const auto user = new_user();
  HeldEvent held(event);
  const auto start = Clock::now();
  EXPECT_TRUE(is_problem(book(user, event), 409, "not-enough-seats"));
  EXPECT_LT(since(start), Milliseconds(500)) << "the lock was waited for";
}

}  // namespace
}  // namespace evently
