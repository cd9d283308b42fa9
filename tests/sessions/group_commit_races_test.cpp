// book_and_commit: one session of a group is stopped, runs out of time or dies, or the event
// changes meanwhile. Only that session gets an error, and the others are booked.
#include <array>
#include <atomic>
#include <set>
#include <vector>

#include "tests/support/sessions/group_commit.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

struct Stop {
  const char* name;
  const char* settings;   // of the session that is stopped
  const char* statement;  // with a pid behind it; null: the settings stop it
  const char* sqlstate;
};

constexpr std::array stops = {
    Stop{"Cancel", "", "SELECT pg_cancel_backend", "57014"},
    Stop{"Terminate", "", "SELECT pg_terminate_backend", connection_lost},
    Stop{"StatementTimeout", "SET statement_timeout = '400ms'", nullptr, "57014"},
    Stop{"LockTimeout", "SET lock_timeout = '400ms'", nullptr, "55P03"}};

class GroupCommitStops : public GroupCommitTest,
                         public testing::WithParamInterface<std::tuple<Stop, bool>> {};

TEST_P(GroupCommitStops, OnlyTheStoppedSessionGetsAnError) {
  const auto& [stop, leads] = GetParam();
  const auto user = new_user();
  const auto stopped_user = new_user();
  const auto event = new_event(100);
  constexpr int count = 6;
  const std::size_t victim = leads ? 0 : count - 1;
  Calls calls;
  HeldQueue held(event);
  for (int i = 0; i < count; ++i) {
    const bool is_victim = static_cast<std::size_t>(i) == victim;
    calls.start(call_text(is_victim ? stopped_user : user, event), is_victim ? stop.settings : "");
    if (is_victim && stop.statement == nullptr) continue;  // it may be gone already
    ASSERT_TRUE(eventually_true(view_limit, "they do not queue", [&] {
      return rows_of(event, "leads") == 1 &&
             rows_of(event, "waits") >= i - (stop.statement == nullptr ? 1 : 0);
    }));
  }
  if (stop.statement != nullptr) {
    const int pid = calls.session(victim).pid();
    ASSERT_TRUE(part_is(pid, leads ? "leads" : "waits"));
    database.run(std::string(stop.statement) + "(" + std::to_string(pid) + ")");
  }
  const Answer stopped = calls.answer(victim);
  EXPECT_EQ(stopped.sqlstate, stop.sqlstate) << stopped.message;
  ASSERT_TRUE(is_group(event, count - 2)) << "the rest has no leader";
  held.release();
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (i != victim) {
      EXPECT_EQ(calls.answer(i).sqlstate, "") << i;
    }
  }
  EXPECT_EQ(bookings_of(user, event), count - 1);
  EXPECT_EQ(bookings_of(stopped_user, event), 0);
  if (stopped.sqlstate == connection_lost) return;
  calls.session(victim).run("RESET statement_timeout; RESET lock_timeout");
  EXPECT_EQ(calls.session(victim).book(stopped_user, event).sqlstate, "");
  EXPECT_EQ(bookings_of(stopped_user, event), 1);
}

INSTANTIATE_TEST_SUITE_P(All, GroupCommitStops,
                         testing::Combine(testing::ValuesIn(stops), testing::Bool()),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param).name) +
                                  (std::get<1>(info.param) ? "OfTheLeader" : "OfAFollower");
                         });

class GroupCommitRaces : public GroupCommitTest {
 protected:
  // Waits until so many are being booked, or wait for the outcome.
  testing::AssertionResult are_claimed(std::int64_t event, int count) {
    return eventually_true(view_limit, "they are not claimed",
                           [&] { return rows_of(event, "committing") == count; });
  }
};

// The user's key 'taken', with which another transaction is just booking another event: a call
// with that key has to wait for that one.
class KeyInUse {
 public:
  KeyInUse(std::int64_t user, std::int64_t other_event) : transaction_(database_.connection()) {
    transaction_.exec("SELECT evently.book(" + std::to_string(user) + ", " +
                      std::to_string(other_event) + ", 1, 'taken')");
  }
  void commit() { transaction_.commit(); }

 private:
  OwnerDatabase database_;
  pqxx::work transaction_;
};

// Of an event, whose slow user's key is in use until it is committed.
class GroupCommitBehindAKey : public GroupCommitRaces {
 protected:
  const std::int64_t user = new_user();
  const std::int64_t slow_user = new_user();
  const std::int64_t event = new_event(100);
  KeyInUse key{slow_user, new_event(100)};
};

// A key that another transaction is just using stops a leader that has claimed the others.
TEST_F(GroupCommitBehindAKey, ALeaderCancelledWhileBookingHandsTheOthersOn) {
  Calls calls;
  HeldQueue held(event);
  for (int i = 0; i < 6; ++i) {
    const bool slow = i == 3;
    ASSERT_TRUE(
        joins(calls, event, call_text(slow ? slow_user : user, event, 1, slow ? "taken" : "")));
  }
  held.release();
  ASSERT_TRUE(are_claimed(event, 6));
  // A claimed session waits for its outcome, and stops when the leader hands it back.
  database.run("SELECT pg_cancel_backend(" + std::to_string(calls.session(5).pid()) + ")");
  EXPECT_FALSE(calls.is_answered(5));
  database.run("SELECT pg_cancel_backend(" + std::to_string(calls.session(0).pid()) + ")");
  EXPECT_EQ(calls.answer(0).sqlstate, "57014");
  EXPECT_EQ(calls.answer(5).sqlstate, "57014");
  EXPECT_EQ(calls.answer(1).sqlstate, "");
  EXPECT_EQ(calls.answer(2).sqlstate, "");
  // They book one by one now: the next waits for the key, and another one for the event.
  ASSERT_TRUE(part_is(calls.session(3).pid(), "committing"));
  ASSERT_TRUE(part_is(calls.session(4).pid(), "leads"));
  key.commit();
  EXPECT_EQ(calls.answer(3).sqlstate, "TK104");
  EXPECT_EQ(calls.answer(4).sqlstate, "");
  EXPECT_EQ(bookings_of(user, event), 3);
  EXPECT_EQ(calls.session(0).book(user, event).sqlstate, "");
  EXPECT_EQ(calls.session(5).book(user, event).sqlstate, "");
}

// The booking is answered, and the cancel does not stop the session's next call either.
TEST_F(GroupCommitBehindAKey, ACancelThatComesTooLateHasNoEffect) {
  Calls calls;
  HeldQueue held(event);
  const std::array settings = {"", "", "SET statement_timeout = '2s'", "SET lock_timeout = '2s'"};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(joins(calls, event,
                      call_text(i == 0 ? slow_user : user, event, 1, i == 0 ? "taken" : ""),
                      settings[static_cast<std::size_t>(i)]));
  }
  held.release();
  ASSERT_TRUE(are_claimed(event, 4));
  database.run("SELECT pg_cancel_backend(" + std::to_string(calls.session(1).pid()) + ")");
  EXPECT_FALSE(calls.is_answered(1));
  EXPECT_FALSE(calls.is_answered(2, Milliseconds(2200))) << "statement_timeout";
  EXPECT_FALSE(calls.is_answered(3)) << "lock_timeout";
  key.commit();
  EXPECT_EQ(calls.answer(0).sqlstate, "TK104");
  for (std::size_t i = 1; i < calls.size(); ++i) {
    EXPECT_EQ(calls.answer(i).sqlstate, "") << i;
    EXPECT_EQ(calls.session(i).book(user, event).sqlstate, "") << i;
  }
  EXPECT_EQ(bookings_of(user, event), 6);
}

TEST_F(GroupCommitBehindAKey, ALeaderTerminatedWhileBookingHandsTheOthersOn) {
  Calls calls;
  HeldQueue held(event);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(
        joins(calls, event, call_text(i == 0 ? slow_user : user, event, 1, i == 0 ? "taken" : "")));
  }
  held.release();
  ASSERT_TRUE(are_claimed(event, 5));
  database.run("SELECT pg_terminate_backend(" + std::to_string(calls.session(0).pid()) + ")");
  EXPECT_EQ(calls.answer(0).sqlstate, connection_lost);
  for (std::size_t i = 1; i < calls.size(); ++i) EXPECT_EQ(calls.answer(i).sqlstate, "") << i;
  EXPECT_EQ(bookings_of(user, event), 4);
  key.commit();
}

// The row is the lock that counts; its holder need not have queued.
TEST_F(GroupCommitRaces, ALeaderCancelledWhileWaitingForTheRowLeavesNoTrace) {
  const auto user = new_user();
  const auto event = new_event(100);
  Calls calls;
  HeldEvent row(event);
  calls.start(call_text(user, event));  // with none behind it, it books alone
  ASSERT_TRUE(part_is(calls.session(0).pid(), "committing"));
  for (int i = 1; i < 5; ++i) {
    calls.start(call_text(user, event));
    ASSERT_TRUE(is_group(event, i - 1));
  }
  for (const std::size_t i : {0u, 1u}) {
    const int pid = calls.session(i).pid();
    ASSERT_TRUE(eventually_true(view_limit, "does not wait for the row", [&] {
      return database.value<int>(
                 "SELECT count(*) FROM pg_stat_activity WHERE wait_event = "
                 "'transactionid' AND pid = " +
                 std::to_string(pid)) == 1;
    }));
    database.run("SELECT pg_cancel_backend(" + std::to_string(pid) + ")");
    EXPECT_EQ(calls.answer(i).sqlstate, "57014");
  }
  row.release();
  for (std::size_t i = 2; i < calls.size(); ++i) EXPECT_EQ(calls.answer(i).sqlstate, "") << i;
  EXPECT_EQ(calls.session(0).book(user, event).sqlstate, "");
  EXPECT_EQ(calls.session(1).book(user, event).sqlstate, "");
  EXPECT_EQ(bookings_of(user, event), 5);
}

// An index that is being built on the bookings makes all sessions wait, but lets all give up.
TEST_F(GroupCommitRaces, NoSessionIsClaimedWhileATableIsLocked) {
  const auto user = new_user();
  const auto event = new_event(100);
  OwnerDatabase other;
  Calls calls;
  HeldQueue held(event);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(joins(calls, event, call_text(user, event)));
  }
  pqxx::work locking(other.connection());
  locking.exec("LOCK TABLE evently.bookings IN SHARE MODE");
  held.release();
  ASSERT_TRUE(eventually_true(view_limit, "no session waits for the table", [&] {
    return database.value<int>(
               "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'relation'") == 1;
  }));
  EXPECT_TRUE(is_group(event, 3));
  database.run("SELECT pg_cancel_backend(" + std::to_string(calls.session(2).pid()) + ")");
  EXPECT_EQ(calls.answer(2).sqlstate, "57014");
  locking.commit();
  for (const std::size_t i : {0u, 1u, 3u}) EXPECT_EQ(calls.answer(i).sqlstate, "") << i;
}

// DROP DATABASE and their like ask all processes to let go of files, and wait for all.
TEST_F(GroupCommitRaces, ASessionThatWaitsServesTheServer) {
  const auto user = new_user();
  const auto event = new_event(100);
  Calls calls;
  HeldQueue held(event);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(joins(calls, event, call_text(user, event)));
  }
  OwnerDatabase other;
  other.run("SET statement_timeout = '20s'");
  EXPECT_NO_THROW({
    other.run("CREATE DATABASE evently_barrier");
    other.run("DROP DATABASE evently_barrier");
  });
  EXPECT_TRUE(is_group(event, 3));
  held.release();
  for (std::size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls.answer(i).sqlstate, "") << i;
  EXPECT_EQ(bookings_of(user, event), 4);
}

// Sessions book until `work` on a connection of its own is done; each answer is one of `allowed`.
class GroupCommitChanges : public GroupCommitTest {
 protected:
  template <class Work>
  void book_meanwhile(std::int64_t event, const std::vector<std::int64_t>& users,
                      const std::set<std::string>& allowed, const Work& work) {
    constexpr std::size_t sessions = 12;
    std::atomic<bool> done{false};
    together(sessions + 1, [&](std::size_t i) {
      if (i == sessions) {
        OwnerDatabase changing;
        try {
          work(changing);
        } catch (const std::exception& error) {
          ADD_FAILURE() << error.what();
        }
        done = true;
        return;
      }
      Booker booker;
      for (std::size_t n = 0; !done; ++n) {
        const Answer answer = booker.book(users[(i + n) % users.size()], event);
        EXPECT_EQ(allowed.count(answer.sqlstate), 1u) << answer.sqlstate << answer.message;
      }
    });
  }
};

TEST_F(GroupCommitChanges, OfTheCapacity) {
  const auto event = new_event(100);
  book_meanwhile(event, {new_user()}, {"", "TK101"}, [&](OwnerDatabase& changing) {
    for (int i = 0; i < 200; ++i)
      changing.run("BEGIN; SELECT evently.lock_event(" + std::to_string(event) +
                   "); SELECT evently.set_capacity(id, capacity - seats_available + " +
                   std::to_string(i % 5) +
                   ") FROM evently.events WHERE id = " + std::to_string(event) + "; COMMIT");
  });
}

TEST_F(GroupCommitChanges, ByCancelling) {
  const auto event = new_event(100);
  const auto user = new_user();
  book_meanwhile(event, {user}, {"", "TK101"}, [&](OwnerDatabase& changing) {
    for (int i = 0; i < 300; ++i)
      changing.run(
          "SELECT evently.cancel(id) FROM (SELECT id FROM evently.bookings WHERE user_id = " +
          std::to_string(user) + " AND status = 'CONFIRMED' LIMIT 1) one");
  });
}

TEST_F(GroupCommitChanges, UsersAreDeleted) {
  const auto event = new_event(1'000'000);
  std::vector<std::int64_t> users;
  for (int i = 0; i < 30; ++i) users.push_back(new_user());
  // A user's first booking that is committed while the deletion waits for it lets the two wait in a
  // circle: the server ends one of them with 40P01, which callers retry.
  book_meanwhile(event, users, {"", "TK002", "40P01"}, [&](OwnerDatabase& changing) {
    for (const auto user : users)
      changing.run("DO $$ BEGIN FOR attempt IN 1..10 LOOP BEGIN PERFORM evently.delete_user(" +
                   std::to_string(user) +
                   "); RETURN; EXCEPTION WHEN deadlock_detected THEN NULL; END; END LOOP; "
                   "RAISE 'ten deadlocks in a row'; END $$");
  });
}

TEST_F(GroupCommitChanges, TheEventIsDeleted) {
  for (int round = 0; round < 5; ++round) {
    const auto event = new_event(1'000'000);
    const auto user = new_user();
    book_meanwhile(event, {user}, {"", "TK001"}, [&](OwnerDatabase& changing) {
      EXPECT_TRUE(eventually_true(view_limit, "no session books",
                                  [&] { return bookings_of(user, event) > 50; }));
      changing.run("SELECT evently.delete_event(" + std::to_string(event) + ")");
    });
    EXPECT_EQ(bookings_of(user, event), 0);
  }
}

}  // namespace
}  // namespace evently
