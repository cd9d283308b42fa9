// The connection between service and database is cut at a chosen message of the protocol, before it
// is passed on or after it and before its answer, COMMIT in flight included. No acknowledged
// booking is lost, none is doubled, and the same key yields the same booking (I2, I3, I8).
// EVENTLY_FAULT_ROUNDS and EVENTLY_FAULT_SEED set the length of the seeded one and repeat it.
#include <atomic>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <set>

#include "tests/faults/support/wire_rules.h"
#include "tests/support/redis.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/chaos_row.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/rounds.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

constexpr Milliseconds outcome_wait{30'000};

// What a client wants; how it fared is checked when the wire is whole again.
struct Operation {
  std::function<void()> send;  // returns when the client knows, or gives up
  std::function<void()> check;
};

struct Tally {
  std::atomic<int> acknowledged{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> unknown{0};
};

class WireCuts : public ServiceTest {
 protected:
  WireCuts()
      : proxy_(setting("DATABASE_URL")),
        service_{{"DATABASE_URL", proxy_.url()}},
        event_(new_event(1'000'000)) {}

  void TearDown() override {
    proxy_.set_rule(nullptr);
    EXPECT_EQ(service_.log().find("\"status\":500"), std::string::npos);
    EXPECT_EQ(database.seats_available(event_), 1'000'000 - database.live_seats(event_));
    EXPECT_TRUE(eventually(Milliseconds(1000), [&] {
      return tokens_differ(event_, database.seats_available(event_));
    }));
    ServiceTest::TearDown();
  }

  std::int64_t next_user() {
    if (users_.empty()) users_ = new_users(200);
    const std::int64_t user = users_.back();
    users_.pop_back();
    return user;
  }

  std::vector<std::int64_t> bookings_of(std::int64_t user) {
    std::vector<std::int64_t> ids;
    for (const auto& row : database.run("SELECT id FROM evently.bookings WHERE user_id = " +
                                        std::to_string(user) + " ORDER BY id"))
      ids.push_back(row[0].as<std::int64_t>());
    return ids;
  }

  // What a careful client does: the same again until the outcome is known (I8).
  std::optional<Reply> send_until_known(const std::string& method, const std::string& path,
                                        const std::string& body) {
    HttpClient client(service_.url());
    std::optional<Reply> reply;
    EXPECT_TRUE(eventually_true(outcome_wait, "the outcome stays unknown", [&] {
      reply = client.try_send(method, path, body);
      return reply && reply->status != 503;
    }));
    return reply;
  }

  Operation booking_with_key() {
    const auto user = next_user();
    const auto body = booking_fields(user, event_, 1, unique_word("cut")).dump();
    const auto reply = std::make_shared<std::optional<Reply>>();
    return {[=, this] { *reply = send_until_known("POST", "/bookings", body); },
            [=, this] {
              ASSERT_TRUE(*reply);
              ASSERT_TRUE((*reply)->status == 201 || (*reply)->status == 200) << (*reply)->body;
              const std::int64_t id = (*reply)->json()["booking_id"];
              EXPECT_EQ(bookings_of(user), std::vector{id}) << "lost or doubled";
              const auto again = send_until_known("POST", "/bookings", body);
              ASSERT_TRUE(again && again->status == 200);
              EXPECT_EQ(again->json()["booking_id"], id) << "one key, two bookings";
              ++tally_.acknowledged;
            }};
  }

  // Without a key of the client's own there is no second try: the service must see to it. A single
  // cut leaves nothing unknown, a second one may.
  Operation booking_without_key(bool may_stay_unknown) {
    const auto user = next_user();
    const auto body = booking_fields(user, event_).dump();
    const auto reply = std::make_shared<std::optional<Reply>>();
    return {[=, this] { *reply = HttpClient(service_.url()).try_send("POST", "/bookings", body); },
            [=, this] {
              ASSERT_TRUE(*reply) << "the service gave no answer";
              const auto found = bookings_of(user);
              if ((*reply)->status == 201) {
                EXPECT_EQ(found, std::vector{(*reply)->json()["booking_id"].get<std::int64_t>()});
                ++tally_.acknowledged;
                return;
              }
              EXPECT_TRUE(is_problem(**reply, 503, "unavailable"));
              EXPECT_LE(found.size(), may_stay_unknown ? 1u : 0u) << "doubled, or made unsaid";
              ++tally_.unknown;
            }};
  }

  Operation cancelling() {
    const auto user = next_user();
    const auto id =
        database.value<std::int64_t>("SELECT id FROM evently.book(" + std::to_string(user) + ", " +
                                     std::to_string(event_) + ", 3)");
    const auto path = "/bookings/" + std::to_string(id);
    const auto reply = std::make_shared<std::optional<Reply>>();
    return {[=, this] { *reply = send_until_known("DELETE", path, ""); },
            [=, this] {
              ASSERT_TRUE(*reply);
              EXPECT_EQ((*reply)->status, 200) << (*reply)->body;
              EXPECT_EQ(database.value<std::string>(
                            "SELECT status FROM evently.bookings WHERE id = " + std::to_string(id)),
                        "CANCELLED");
              ++tally_.cancelled;
            }};
  }

  // With a key the service itself sends a creation once more, and finds what the first one made.
  Operation creation_with_key(const std::string& path, const Json& fields,
                              const std::string& found) {
    const auto reply = std::make_shared<std::optional<Reply>>();
    const Headers headers{{"Idempotency-Key", unique_word("cut")}};
    const auto send = [=, this] {
      HttpClient client(service_.url());
      return client.as_admin().try_send("POST", path, fields.dump(), headers);
    };
    return {[=] { *reply = send(); },
            [=, this] {
              ASSERT_TRUE(*reply) << "the service gave no answer";
              EXPECT_EQ(database.value<int>("SELECT count(*)::int " + found), 1)
                  << "lost or doubled";
              const auto again = send();
              ASSERT_TRUE(again && again->status == 200);
              ASSERT_TRUE((*reply)->status == 201 || (*reply)->status == 200) << (*reply)->body;
              EXPECT_EQ(again->json(), (*reply)->json());
              ++tally_.acknowledged;
            }};
  }

  // The key of the last seat: its look-up is cut, too.
  Operation repeat_at_sold_out_event() {
    if (last_seat_body_.empty()) {
      const auto event = new_event(1);
      last_seat_body_ = booking_fields(next_user(), event, 1, "last").dump();
      last_seat_ = client.send("POST", "/bookings", last_seat_body_).json()["booking_id"];
      EXPECT_TRUE(tokens_become(event, 0));
    }
    const auto reply = std::make_shared<std::optional<Reply>>();
    return {[=, this] { *reply = send_until_known("POST", "/bookings", last_seat_body_); },
            [=, this] {
              ASSERT_TRUE(*reply);
              ASSERT_EQ((*reply)->status, 200) << (*reply)->body;
              EXPECT_EQ((*reply)->json()["booking_id"], last_seat_);
            }};
  }

  // All that passes for one operation on a new connection.
  std::vector<WireStep> steps_of(const std::function<Operation()>& next) {
    const Operation operation = next();
    WireRecorder recorder;
    proxy_.drop_connections();
    proxy_.set_rule(&recorder);
    operation.send();
    proxy_.set_rule(nullptr);
    operation.check();
    return recorder.steps();
  }

  void cut_at_each_step(const std::function<Operation()>& next) {
    const auto steps = steps_of(next);
    ASSERT_GT(steps.size(), 20u) << "where are the messages of a connection and a statement?";
    Cut how = Cut::end;
    for (const WireStep& step : steps)
      for (const bool after : {false, true}) {
        SCOPED_TRACE((after ? "after " : "before ") + name_of(step));
        how = how == Cut::end ? Cut::reset : Cut::end;
        const Operation operation = next();
        WireCutter cutter(std::deque<CutPlan>{{step.sender, step.number, after, how}});
        proxy_.drop_connections();
        proxy_.set_rule(&cutter);
        operation.send();
        proxy_.set_rule(nullptr);
        operation.check();
        ASSERT_EQ(cutter.made().size(), 1u) << "no such message came";
        EXPECT_EQ(cutter.made()[0].type, step.type) << "another message than recorded";
        EXPECT_EQ(database.violations(), "");
        if (HasFailure()) return;
      }
    std::cout << 2 * steps.size() << " cuts\n";
  }

  PostgresProxy proxy_;
  ServiceProcess service_;
  std::int64_t event_;
  Tally tally_;

 private:
  std::vector<std::int64_t> users_;
  std::string last_seat_body_;
  std::int64_t last_seat_ = 0;
};

TEST_F(WireCuts, AtEachStepOfABookingWithAKey) {
  cut_at_each_step([&] { return booking_with_key(); });
}

TEST_F(WireCuts, AtEachStepOfABookingWithoutAKey) {
  cut_at_each_step([&] { return booking_without_key(false); });
}

TEST_F(WireCuts, AtEachStepOfTheCreationOfAUserWithAKey) {
  cut_at_each_step([&] {
    const auto email = unique_word("cut") + "@example.com";
    return creation_with_key("/users", {{"email", email}},
                             "FROM evently.users WHERE email = '" + email + "'");
  });
}

TEST_F(WireCuts, AtEachStepOfTheCreationOfAnEventWithAKey) {
  cut_at_each_step([&] {
    const Json fields = event_fields(5);
    return creation_with_key(
        "/admin/events", fields,
        "FROM evently.events WHERE name = '" + fields["name"].get<std::string>() + "'");
  });
}

TEST_F(WireCuts, AtEachStepOfACancellation) {
  cut_at_each_step([&] { return cancelling(); });
}

TEST_F(WireCuts, AtEachStepOfARepeatWhenNoSeatIsLeft) {
  cut_at_each_step([&] { return repeat_at_sold_out_event(); });
}

// Several clients at once, so that batches are cut, and now and then the second attempt as well.
TEST_F(WireCuts, AnywhereUnderLoad) {
  constexpr std::size_t clients = 4;
  const int wanted = fault_rounds(150);
  const auto steps = steps_of([&] { return booking_with_key(); });
  Chance chance;
  const auto plan = [&](bool on_new_connection) -> CutPlan {
    const WireStep& step = chance.one_of(steps);
    const int number = on_new_connection ? step.number : 1 + chance.below(8);
    return {step.sender, number, chance.one_in(2), chance.one_in(2) ? Cut::end : Cut::reset};
  };
  int cuts = 0;
  std::set<std::string> places;
  for (int round = 0; cuts < wanted && round < 10 * wanted; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const bool renewed = chance.one_in(2);
    const bool twice = chance.one_in(4);
    std::deque<CutPlan> plans{plan(renewed)};
    if (twice) plans.push_back(plan(true));
    std::vector<Operation> operations;
    for (std::size_t i = 0; i < clients; ++i) {
      const int way = chance.below(5);
      operations.push_back(way < 2   ? booking_with_key()
                           : way < 4 ? booking_without_key(twice)
                                     : cancelling());
    }
    WireCutter cutter(plans);
    if (renewed) proxy_.drop_connections();
    proxy_.set_rule(&cutter);
    together(clients, [&](std::size_t i) { operations[i].send(); });
    proxy_.set_rule(nullptr);
    for (const Operation& operation : operations) operation.check();
    for (const WireStep& step : cutter.made()) places.insert(name_of(step));
    cuts += static_cast<int>(cutter.made().size());
    if (round % 100 == 0) {
      EXPECT_EQ(database.violations(), "");
    }
    if (HasFailure()) break;
  }
  EXPECT_GE(cuts, wanted);
  std::cout << cuts << " cuts at " << places.size()
            << " different messages: " << tally_.acknowledged << " bookings acknowledged, "
            << tally_.cancelled << " cancelled, " << tally_.unknown
            << " answered 503 without a key\n";
  add_to_chaos_row("connection of service and database cut at any message",
                   static_cast<std::uint64_t>(cuts),
                   static_cast<std::uint64_t>(tally_.acknowledged));
}

}  // namespace
}  // namespace evently
