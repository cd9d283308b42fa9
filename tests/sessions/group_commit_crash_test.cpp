// kill -9 of the session that leads a group: the server restarts, and every acknowledged booking is
// there exactly once.
#include <signal.h>

#include <atomic>
#include <map>
#include <mutex>

#include "tests/support/sessions/group_commit.h"
#include "tests/support/sessions/recovery.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

class GroupCommitCrash : public GroupCommitTest {
 protected:
  GroupCommitCrash() : user_(new_user()), event_(new_event(1'000'000)) {}

  void TearDown() override {
    ASSERT_TRUE(server_answers());
    GroupCommitTest::TearDown();
  }

  std::int64_t user_;
  std::int64_t event_;
};

// A client that books under keys of its own until `done`, each key until it is acknowledged.
class Survivor {
 public:
  Survivor(std::size_t number, std::int64_t user, std::int64_t event)
      : name_("s" + std::to_string(number) + "-"), user_(user), event_(event) {}

  void book_until(const std::atomic<bool>& done) {
    while (!done) {
      const std::string key = name_ + std::to_string(booked_.size());
      EXPECT_TRUE(succeeds([&] {
        if (!session_) session_ = std::make_unique<Booker>();
        const Answer answer = session_->book(user_, event_, 1, key);
        if (answer.sqlstate.empty())
          booked_[key] = answer.booking_id;
        else
          session_.reset();
        return answer.sqlstate.empty();
      }));
      if (testing::Test::HasFailure()) return;
    }
  }

  const std::map<std::string, std::int64_t>& booked() const { return booked_; }

 private:
  std::string name_;
  std::int64_t user_;
  std::int64_t event_;
  std::unique_ptr<Booker> session_;
  std::map<std::string, std::int64_t> booked_;
};

TEST_F(GroupCommitCrash, OfAWaitingLeader) {
  const Answer earlier = Booker().book(user_, event_, 1, "earlier");
  {
    Calls calls;
    HeldQueue held(event_);
    for (int i = 0; i < 6; ++i) {
      ASSERT_TRUE(joins(calls, event_, call_text(user_, event_, 1, "k" + std::to_string(i))));
    }
    ASSERT_EQ(kill(calls.session(0).pid(), SIGKILL), 0);
    for (std::size_t i = 0; i < calls.size(); ++i) EXPECT_NE(calls.answer(i).sqlstate, "") << i;
  }
  ASSERT_TRUE(server_answers());
  OwnerDatabase now;
  EXPECT_EQ(now.value<std::string>("SELECT string_agg(idempotency_key, ',') FROM evently.bookings "
                                   "WHERE event_id = " +
                                   std::to_string(event_)),
            "earlier");
  Booker booker;
  EXPECT_EQ(booker.book(user_, event_, 1, "earlier").booking_id, earlier.booking_id);
  EXPECT_EQ(booker.book(user_, event_, 1, "k0").sqlstate, "");
}

TEST_F(GroupCommitCrash, OfLeadersAtWork) {
  constexpr std::size_t clients = 16;
  constexpr int kills = 5;
  std::deque<Survivor> survivors;
  for (std::size_t i = 0; i < clients; ++i) survivors.emplace_back(i, user_, event_);
  std::atomic<bool> done{false};
  together(clients + 1, [&](std::size_t i) {
    if (i < clients) return survivors[i].book_until(done);
    for (int n = 0; n < kills; ++n) {
      // By turns a leader that waits for the event, and one that commits.
      const std::string part = n % 2 == 0 ? "committing" : "leads";
      EXPECT_TRUE(succeeds([&] {
        OwnerDatabase looking;
        const auto rows =
            looking.run("SELECT pid FROM evently.pg_stat_evently_groups WHERE part = '" + part +
                        "' AND (SELECT count(*) FROM evently.pg_stat_evently_groups) > 4 LIMIT 1");
        return !rows.empty() && kill(rows[0][0].as<int>(), SIGKILL) == 0;
      })) << part;
      ASSERT_TRUE(server_answers());
    }
    done = true;
  });
  ASSERT_TRUE(server_answers());
  std::map<std::string, std::int64_t> found;
  int rows = 0;
  for (const auto& row :
       OwnerDatabase().run("SELECT idempotency_key, id FROM evently.bookings WHERE event_id = " +
                           std::to_string(event_))) {
    ++rows;
    found[row[0].as<std::string>()] = row[1].as<std::int64_t>();
  }
  std::size_t acknowledged = 0;
  for (const Survivor& survivor : survivors) {
    acknowledged += survivor.booked().size();
    for (const auto& [key, id] : survivor.booked()) EXPECT_EQ(found[key], id) << key;
  }
  EXPECT_EQ(found.size(), static_cast<std::size_t>(rows)) << "doubled";
  EXPECT_EQ(found.size(), acknowledged);
  std::cout << kills << " leaders killed, " << acknowledged << " bookings acknowledged\n";
}

}  // namespace
}  // namespace evently
