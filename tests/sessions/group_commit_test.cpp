// book_and_commit: what a session is answered, alone and in a group, is what book would answer.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>

#include "tests/support/sessions/group_commit.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

class GroupCommit : public GroupCommitTest {
 protected:
  // What book says to the same request; it must be one that is refused.
  Answer book_says(std::int64_t user, std::int64_t event, int seats, const std::string& key = "") {
    Booker plain;
    std::string arguments = call_text(user, event, seats, key);
    arguments = arguments.substr(arguments.find('('));
    return plain.answer_to("SELECT evently.book" + arguments);
  }

  void expect_same(const Answer& answer, const Answer& of_book, const std::string& sqlstate) {
    EXPECT_EQ(of_book.sqlstate, sqlstate);
    EXPECT_EQ(answer.sqlstate, sqlstate);
    EXPECT_EQ(answer.message, of_book.message);
  }

  // Puts an owner's trigger on the bookings until the test ends.
  class Poison {
   public:
    Poison(OwnerDatabase& database, std::int64_t user, const std::string& kind)
        : database_(database) {
      database_.run(
          "CREATE FUNCTION public.poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
          "IF NEW.user_id = " +
          std::to_string(user) +
          " THEN RAISE 'poisoned' USING ERRCODE = 'P0042', DETAIL = 'of this user', "
          "HINT = 'none'; END IF; RETURN NEW; END $$");
      database_.run("CREATE " + kind + " FOR EACH ROW EXECUTE FUNCTION public.poison()");
    }
    ~Poison() { database_.run("DROP FUNCTION public.poison() CASCADE"); }

   private:
    OwnerDatabase& database_;
  };

  void expect_poison_hurts_one(const std::string& kind);
};

TEST_F(GroupCommit, ThirtyTwoSessionsBookEachOnce) {
  constexpr int sessions = 32;
  constexpr int each = 50;
  const auto event = new_event(sessions * each + 7);
  const auto user = new_user();
  const auto before = groups();
  std::mutex mutex;
  std::set<std::int64_t> told;
  together(sessions, [&](std::size_t i) {
    Booker booker;
    for (int n = 0; n < each; ++n) {
      const Answer answer =
          booker.book(user, event, 1, "k" + std::to_string(i) + "-" + std::to_string(n));
      const std::lock_guard lock(mutex);
      ASSERT_EQ(answer.sqlstate, "") << answer.message;
      EXPECT_EQ(answer.status, "CONFIRMED");
      EXPECT_FALSE(answer.replayed);
      EXPECT_TRUE(told.insert(answer.booking_id).second) << "told twice";
    }
  });
  std::set<std::int64_t> found;
  for (const auto& row :
       database.run("SELECT id FROM evently.bookings WHERE event_id = " + std::to_string(event)))
    found.insert(row[0].as<std::int64_t>());
  EXPECT_EQ(found, told);
  EXPECT_EQ(database.seats_available(event), 7);
  const auto after = groups();
  const double mean = static_cast<double>(after.second - before.second) /
                      static_cast<double>(after.first - before.first);
  EXPECT_EQ(after.second - before.second, sessions * each);
  EXPECT_GT(mean, 1.5) << "no groups form";
}

TEST_F(GroupCommit, AloneAnswersAsBookDoes) {
  const auto user = new_user();
  const auto event = new_event(10);
  Booker booker;
  const Answer first = booker.book(user, event, 2, "used");
  ASSERT_EQ(first.sqlstate, "") << first.message;
  EXPECT_EQ(first.seats_available, 8);
  EXPECT_EQ(first.version, 2);
  const Answer repeat = booker.book(user, event, 2, "used");
  EXPECT_TRUE(repeat.replayed);
  EXPECT_EQ(repeat.booking_id, first.booking_id);
  EXPECT_FALSE(repeat.version || repeat.seats_available);
  database.run("SELECT evently.cancel(" + std::to_string(first.booking_id) + ")");
  EXPECT_EQ(booker.book(user, event, 2, "used").status, "CANCELLED");

  expect_same(booker.book(user, -1), book_says(user, -1, 1), "TK001");
  expect_same(booker.book(-1, event), book_says(-1, event, 1), "TK002");
  expect_same(booker.book(user, event, 11), book_says(user, event, 11), "TK101");
  expect_same(booker.book(user, event, 3, "used"), book_says(user, event, 3, "used"), "TK104");
  expect_same(booker.book(user, event, 0), book_says(user, event, 0), "22023");
  const std::string long_key(256, 'k');
  expect_same(booker.book(user, event, 1, long_key), book_says(user, event, 1, long_key), "22023");
  expect_same(booker.answer_to("CALL evently.book_and_commit(NULL, 1)"),
              booker.answer_to("SELECT evently.book(NULL, 1)"), "22023");
  database.run("UPDATE evently.events SET start_at = now() - interval '1 hour' WHERE id = " +
               std::to_string(event));
  expect_same(booker.book(user, event), book_says(user, event, 1), "TK103");
}

TEST_F(GroupCommit, InAGroupEachIsAnsweredAsBookDoes) {
  const auto user = new_user();
  const auto other = new_user();
  const auto event = new_event(10);
  const Answer known = Booker().book(user, event, 2, "known");
  const auto before = groups();
  Calls calls;
  HeldQueue held(event);
  const auto leader = calls.start(call_text(user, event, 1));
  ASSERT_TRUE(is_group(event, 0));
  const auto replay = calls.start(call_text(user, event, 2, "known"));
  const auto reused = calls.start(call_text(user, event, 3, "known"));
  const auto no_user = calls.start(call_text(-1, event, 1));
  const auto greedy = calls.start(call_text(other, event, 8));
  ASSERT_TRUE(is_group(event, 4));
  const auto twin = calls.start(call_text(other, event, 2, "twin"));
  ASSERT_TRUE(is_group(event, 5));
  const auto same_twin = calls.start(call_text(other, event, 2, "twin"));
  const auto other_twin = calls.start(call_text(other, event, 3, "twin"));
  ASSERT_TRUE(is_group(event, 7));
  held.release();

  EXPECT_EQ(calls.answer(leader).sqlstate, "");
  const Answer repeat = calls.answer(replay);
  EXPECT_TRUE(repeat.replayed);
  EXPECT_EQ(repeat.booking_id, known.booking_id);
  expect_same(calls.answer(reused), book_says(user, event, 3, "known"), "TK104");
  expect_same(calls.answer(no_user), book_says(-1, event, 1), "TK002");
  const Answer first_twin = calls.answer(twin);
  EXPECT_EQ(first_twin.sqlstate, "") << first_twin.message;
  EXPECT_EQ(first_twin.seats_available, 5);
  const Answer second_twin = calls.answer(same_twin);
  EXPECT_TRUE(second_twin.replayed);
  EXPECT_EQ(second_twin.booking_id, first_twin.booking_id);
  expect_same(calls.answer(other_twin), book_says(other, event, 3, "twin"), "TK104");
  expect_same(calls.answer(greedy), book_says(other, event, 8), "TK101");
  EXPECT_EQ(groups(), std::make_pair(before.first + 1, before.second + 8));
}

TEST_F(GroupCommit, InAGroupOfAnEventThatIsNotThereOrHasStarted) {
  const auto user = new_user();
  const auto started = new_event(10);
  database.run("UPDATE evently.events SET start_at = now() - interval '1 hour' WHERE id = " +
               std::to_string(started));
  for (const auto& [event, sqlstate] :
       {std::make_pair(std::int64_t{-7}, "TK001"), std::make_pair(started, "TK103")}) {
    Calls calls;
    HeldQueue held(event);
    for (int i = 0; i < 4; ++i) calls.start(call_text(user, event));
    ASSERT_TRUE(is_group(event, 3));
    held.release();
    for (std::size_t i = 0; i < calls.size(); ++i)
      expect_same(calls.answer(i), book_says(user, event, 1), sqlstate);
  }
}

TEST_F(GroupCommit, SellsWhatThereIsAndNoMore) {
  constexpr int seats = 40;
  const auto event = new_event(seats);
  const auto user = new_user();
  std::atomic<int> booked{0};
  std::atomic<int> refused{0};
  together(32, [&](std::size_t) {
    Booker booker;
    for (int n = 0; n < 5; ++n) {
      const Answer answer = booker.book(user, event);
      EXPECT_TRUE(answer.sqlstate.empty() || answer.sqlstate == "TK101") << answer.message;
      ++(answer.sqlstate.empty() ? booked : refused);
    }
  });
  EXPECT_EQ(booked, seats);
  EXPECT_EQ(refused, 32 * 5 - seats);
  EXPECT_EQ(bookings_of(user, event), seats);
}

TEST_F(GroupCommit, OneKeyFromTwentySessionsBooksOnce) {
  const auto event = new_event(100);
  const auto user = new_user();
  for (int round = 0; round < 5; ++round) {
    std::mutex mutex;
    std::map<bool, int> replayed;
    std::set<std::int64_t> ids;
    const std::string key = "one-" + std::to_string(round);
    together(20, [&](std::size_t) {
      const Answer answer = Booker().book(user, event, 2, key);
      const std::lock_guard lock(mutex);
      EXPECT_EQ(answer.sqlstate, "") << answer.message;
      ++replayed[answer.replayed];
      ids.insert(answer.booking_id);
    });
    EXPECT_EQ(replayed, (std::map<bool, int>{{false, 1}, {true, 19}}));
    EXPECT_EQ(ids.size(), 1u);
  }
  EXPECT_EQ(bookings_of(user, event), 5);
}

// Twice: the poisoned one leads, and follows.
void GroupCommit::expect_poison_hurts_one(const std::string& kind) {
  const auto user = new_user();
  const auto poisoned = new_user();
  const Poison poison(database, poisoned, kind);
  for (const bool leads : {true, false}) {
    const auto event = new_event(100);
    Calls calls;
    HeldQueue held(event);
    for (int i = 0; i < 6; ++i) {
      const bool is_poisoned = leads ? i == 0 : i == 3;
      ASSERT_TRUE(joins(calls, event, call_text(is_poisoned ? poisoned : user, event, 1 + i)));
    }
    held.release();
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const Answer answer = calls.answer(i);
      const bool is_poisoned = leads ? i == 0 : i == 3;
      EXPECT_EQ(answer.sqlstate, is_poisoned ? "P0042" : "") << i << answer.message;
      if (!is_poisoned) continue;
      EXPECT_NE(answer.message.find("poisoned\nDETAIL:  of this user\nHINT:  none"),
                std::string::npos)
          << answer.message;
      EXPECT_EQ(calls.session(i).book(user, event).sqlstate, "");
    }
    EXPECT_EQ(bookings_of(user, event), 6);
    EXPECT_EQ(bookings_of(poisoned, event), 0);
  }
  // Alone as well, and the session goes on.
  const auto event = new_event(1);
  Booker booker;
  EXPECT_EQ(booker.book(poisoned, event).sqlstate, "P0042");
  EXPECT_EQ(booker.book(user, event).sqlstate, "");
}

TEST_F(GroupCommit, APoisonedBookingHurtsItsCallerOnly) {
  expect_poison_hurts_one("TRIGGER poison BEFORE INSERT ON evently.bookings");
}

TEST_F(GroupCommit, SoDoesOneThatIsPoisonedUntilTheCommit) {
  expect_poison_hurts_one(
      "CONSTRAINT TRIGGER poison AFTER INSERT ON evently.bookings DEFERRABLE INITIALLY DEFERRED");
}

}  // namespace
}  // namespace evently
