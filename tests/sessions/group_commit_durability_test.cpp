// book_and_commit: no session gets less durability than it asks for.
#include "tests/support/sessions/group_commit.h"

namespace evently {
namespace {

class GroupCommitDurability : public GroupCommitTest {
 protected:
  // A standby that does not exist: a session that wants to be replicated waits for ever.
  GroupCommitDurability() { set_standby("'absent'"); }
  ~GroupCommitDurability() override {
    try {
      set_standby("DEFAULT");
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }

  void set_standby(const std::string& value) {
    OwnerDatabase changing;
    changing.run("SET synchronous_commit = local");
    changing.run("ALTER SYSTEM SET synchronous_standby_names = " + value);
    changing.run("SELECT pg_reload_conf()");
    const std::string expected = value == "DEFAULT" ? "" : "absent";
    EXPECT_TRUE(eventually_true(view_limit, "the setting has no effect", [&] {
      return OwnerDatabase().value<std::string>("SHOW synchronous_standby_names") == expected;
    }));
  }

  void SetUp() override {
    database.run("SET synchronous_commit = local");
    user_ = new_user();
    event_ = new_event(1000);
  }

  testing::AssertionResult joins_with(Calls& calls, const std::string& synchronous_commit) {
    return joins(calls, event_, call_text(user_, event_),
                 "SET synchronous_commit = " + synchronous_commit);
  }

  testing::AssertionResult waits_for_a_standby(int pid) {
    return eventually_true(view_limit, "does not wait for a standby", [&] {
      return database.value<int>("SELECT count(*) FROM pg_stat_activity WHERE pid = " +
                                 std::to_string(pid) + " AND wait_event = 'SyncRep'") == 1;
    });
  }

  void cancel(int pid) { database.run("SELECT pg_cancel_backend(" + std::to_string(pid) + ")"); }

  std::int64_t user_ = 0;
  std::int64_t event_ = 0;
};

TEST_F(GroupCommitDurability, SessionsThatAskForLessDoNotWait) {
  Calls calls;
  HeldQueue held(event_);
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(joins_with(calls, i % 2 == 0 ? "local" : "off"));
  }
  // The session that holds the event has to be content with less as well.
  held.release();
  for (std::size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls.answer(i).sqlstate, "");
  EXPECT_EQ(bookings_of(user_, event_), 6);
}

TEST_F(GroupCommitDurability, ASessionThatAsksForMoreWaitsLongerThanItsLeader) {
  Calls calls;
  HeldQueue held(event_);
  ASSERT_TRUE(joins_with(calls, "local"));
  ASSERT_TRUE(joins_with(calls, "on"));
  ASSERT_TRUE(joins_with(calls, "local"));
  held.release();
  const int leader = calls.session(0).pid();
  const int strict = calls.session(1).pid();
  ASSERT_TRUE(waits_for_a_standby(leader));
  EXPECT_FALSE(calls.is_answered(1));

  // The leader is warned that it did not wait; the session that asked for more goes on waiting
  // alone.
  cancel(leader);
  EXPECT_EQ(calls.answer(0).sqlstate, "");
  EXPECT_NE(calls.session(0).warnings().find("might not have been replicated"), std::string::npos);
  EXPECT_EQ(calls.answer(2).sqlstate, "");
  EXPECT_EQ(calls.session(2).warnings(), "");
  ASSERT_TRUE(waits_for_a_standby(strict));
  EXPECT_FALSE(calls.is_answered(1));
  cancel(strict);
  EXPECT_EQ(calls.answer(1).sqlstate, "");
  EXPECT_NE(calls.session(1).warnings().find("might not have been replicated"), std::string::npos);
  EXPECT_EQ(bookings_of(user_, event_), 3);
  EXPECT_EQ(calls.session(1).value<std::string>("SHOW synchronous_commit"), "on");
}

TEST_F(GroupCommitDurability, WaitingSessionsGoOnWhenNoStandbyIsRequiredAnyMore) {
  Calls calls;
  HeldQueue held(event_);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(joins_with(calls, i == 0 ? "local" : "remote_apply"));
  }
  held.release();
  ASSERT_TRUE(waits_for_a_standby(calls.session(0).pid()));
  cancel(calls.session(0).pid());
  for (std::size_t i = 1; i < calls.size(); ++i) {
    ASSERT_TRUE(waits_for_a_standby(calls.session(i).pid()));
    EXPECT_FALSE(calls.is_answered(i));
  }
  set_standby("DEFAULT");
  for (std::size_t i = 0; i < calls.size(); ++i) EXPECT_EQ(calls.answer(i).sqlstate, "");
  EXPECT_EQ(bookings_of(user_, event_), 4);
}

}  // namespace
}  // namespace evently
