// A listener hears which events changed, soon and in few notifications, and no booking pays for it.
#include <gtest/gtest.h>

#include <algorithm>
#include <pqxx/pqxx>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/sessions/database.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/pqxx_compat.h"
#include "tests/support/sessions/session_test.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/sessions/unique_word.h"

namespace evently {
namespace {

// Collects the payloads of evently_inventory.
class Listener {
 public:
  explicit Listener(pqxx::connection& connection)
      : subscription_(connection, "evently_inventory",
                      [this](const std::string& payload) { hear(payload); }) {}

  int notifications = 0;
  int resyncs = 0;
  std::set<std::int64_t> events;

 private:
  void hear(const std::string& payload) {
    ++notifications;
    if (payload == "resync") {
      ++resyncs;
      return;
    }
    std::istringstream ids(payload);
    for (std::string id; std::getline(ids, id, ',');) events.insert(std::stoll(id));
  }

  Subscription subscription_;
};

class NotifierTest : public SessionTest {
 protected:
  NotifierTest() : listening_(setting("EVENTLY_OWNER_URL")), heard_(listening_) {
    // The first of a connection makes sure that its LISTEN has taken effect.
    const std::int64_t first = new_event(1);
    EXPECT_TRUE(hears(first));
  }

  bool hears(std::int64_t event_id) {
    return eventually_true(Milliseconds(2000), "told of event " + std::to_string(event_id),
                           [&] {
                             listening_.get_notifs();
                             return heard_.events.count(event_id) == 1 || heard_.resyncs > 0;
                           })
        .
        operator bool();
  }

  void forget() {
    listening_.get_notifs();
    heard_.events.clear();
    heard_.notifications = heard_.resyncs = 0;
  }

  std::string event_of_many_seats() { return std::to_string(new_event(1000)); }

  pqxx::connection listening_;
  Listener heard_;
};

TEST_F(NotifierTest, TellsOfABookingWithinASecond) {
  const std::string event = event_of_many_seats();
  const std::int64_t user = new_user();
  ASSERT_TRUE(hears(std::stoll(event)));
  forget();
  database.run("SELECT evently.book(" + std::to_string(user) + ", " + event + ")");
  const auto start = Clock::now();
  EXPECT_TRUE(hears(std::stoll(event)));
  EXPECT_LT(since(start).count(), 1000);
}

TEST_F(NotifierTest, GathersManyBookingsIntoFewNotifications) {
  const std::string event = event_of_many_seats();
  const std::string other = event_of_many_seats();
  const std::string user = std::to_string(new_user());
  ASSERT_TRUE(hears(std::stoll(other)));
  forget();
  constexpr int bookings = 200;
  // Each commits by itself; one statement for all keeps a busy machine from stretching them.
  database.run("DO $$ BEGIN FOR i IN 1.." + std::to_string(bookings / 2) +
               " LOOP PERFORM evently.book(" + user + ", " + event +
               "); COMMIT; PERFORM evently.book(" + user + ", " + other +
               "); COMMIT; END LOOP; END $$");
  EXPECT_TRUE(hears(std::stoll(event)));
  EXPECT_TRUE(hears(std::stoll(other)));
  EXPECT_LT(heard_.notifications, bookings / 2);
  EXPECT_GE(heard_.notifications, 1);
}

TEST_F(NotifierTest, SaysNothingOfWhatWasRolledBack) {
  const std::string event = event_of_many_seats();
  const std::string kept = event_of_many_seats();
  const std::string user = std::to_string(new_user());
  ASSERT_TRUE(hears(std::stoll(kept)));
  forget();
  database.run("BEGIN; SELECT evently.book(" + user + ", " + event + "); ROLLBACK");
  database.run("BEGIN; SAVEPOINT s; SELECT evently.book(" + user + ", " + event +
               "); ROLLBACK TO s; SELECT evently.book(" + user + ", " + kept + "); COMMIT");
  EXPECT_TRUE(hears(std::stoll(kept)));
  EXPECT_EQ(heard_.events.count(std::stoll(event)), 0u);
}

TEST_F(NotifierTest, CountsWhatWasCommittedAndOnlyThat) {
  const std::string event = event_of_many_seats();
  const std::string user = std::to_string(new_user());
  const auto booked = [this] {
    return database.value<std::int64_t>("SELECT booked FROM evently.pg_stat_evently");
  };
  const std::int64_t before = booked();
  database.run("BEGIN; SELECT evently.book(" + user + ", " + event + "); ROLLBACK");
  EXPECT_EQ(booked(), before);
  database.run("BEGIN; SELECT evently.book(" + user + ", " + event +
               "); SAVEPOINT s; SELECT evently.book(" + user + ", " + event +
               "); ROLLBACK TO s; SELECT evently.book(" + user + ", " + event +
               "); SAVEPOINT t; SELECT evently.book_many(" + event + ", ARRAY[" + user + "," +
               user + "], ARRAY[1,1]); RELEASE t; COMMIT");
  EXPECT_EQ(booked(), before + 4);
}

TEST_F(NotifierTest, AsksForAResyncWhenMoreEventsChangedThanItNotes) {
  forget();
  database.run(
      "SELECT evently.create_event('Many', now() + interval '1 day', 1)"
      " FROM generate_series(1, 1500)");
  EXPECT_TRUE(eventually_true(Milliseconds(2000), "a resync", [&] {
    listening_.get_notifs();
    return heard_.resyncs > 0;
  }));
  database.run("DELETE FROM evently.events WHERE name = 'Many'");
}

TEST_F(NotifierTest, GoesOnAfterTheNotifierWasTerminated) {
  for (int i = 0; i < 5; ++i) {
    const std::string event = event_of_many_seats();
    ASSERT_TRUE(hears(std::stoll(event)));
    forget();
    database.run("SELECT pg_terminate_backend(notifier_pid) FROM evently.pg_stat_evently");
    const std::string user = std::to_string(new_user());
    database.run("SELECT evently.book(" + user + ", " + event + ")");
    EXPECT_TRUE(hears(std::stoll(event)));
  }
}

TEST_F(NotifierTest, StaysSilentWhereItIsSwitchedOff) {
  const std::string event = event_of_many_seats();
  const std::string marker = event_of_many_seats();
  const std::string user = std::to_string(new_user());
  ASSERT_TRUE(hears(std::stoll(marker)));
  forget();
  OwnerDatabase other;
  other.run("SET evently.notify = off");
  other.run("SELECT evently.book(" + user + ", " + event + ")");
  database.run("SELECT evently.book(" + user + ", " + marker + ")");
  EXPECT_TRUE(hears(std::stoll(marker)));
  EXPECT_EQ(heard_.events.count(std::stoll(event)), 0u);
}

// DROP DATABASE gives up after five seconds while another session is connected.
TEST_F(NotifierTest, DoesNotStandInTheWayOfDropDatabase) {
  const std::string name = unique_word("dropped");
  database.run("CREATE DATABASE \"" + name + "\"");
  std::string url = setting("EVENTLY_OWNER_URL");
  url.replace(url.rfind('/') + 1, std::string::npos, name);
  {
    pqxx::connection connection(url);
    pqxx::nontransaction transaction(connection);
    transaction.exec("CREATE EXTENSION evently");
    transaction.exec("SELECT evently.seed_demo_data()");
    EXPECT_TRUE(eventually_true(Milliseconds(2000), "a notifier", [&] {
      return transaction.exec("SELECT worker FROM evently.status()")[0][0].as<std::string>() ==
             "running";
    }));
  }
  EXPECT_NO_THROW(database.run("DROP DATABASE \"" + name + "\""));
}

TEST_F(NotifierTest, LeavesWhenNothingHappens) {
  ASSERT_TRUE(hears(std::stoll(event_of_many_seats())));
  EXPECT_TRUE(eventually_true(Milliseconds(5000), "no notifier", [&] {
    return database.value<std::string>("SELECT worker FROM evently.status()") ==
           "idle: starts with the next change";
  }));
  EXPECT_TRUE(hears(std::stoll(event_of_many_seats())));
}

}  // namespace
}  // namespace evently
