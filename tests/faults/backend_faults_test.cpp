// The k-th call of the server's functions or allocation fails in the extension's own code: the call
// ends with an error and has done nothing, the session goes on, no lock and no request is left, and
// the same call then succeeds. For k = 1, 2, ... until it does not fail any more.
// Needs the module of EVENTLY_FAULTS=1, which the other suites must not have.
#include <functional>
#include <iostream>
#include <optional>

#include "tests/support/sessions/chaos_row.h"
#include "tests/support/sessions/group_commit.h"
#include "tests/support/sessions/rounds.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/sessions/unique_word.h"

namespace evently {
namespace {

constexpr char out_of_memory[] = "53200";

std::string arm(int first, int again = 0, const std::string& sqlstate = out_of_memory) {
  return "SELECT public.fail_at(" + std::to_string(first) + ", " + std::to_string(again) + ", '" +
         sqlstate + "')";
}

bool says(const Answer& answer, const std::string& words) {
  return answer.message.find(words) != std::string::npos;
}

struct Operation {
  std::string statement;
  std::string is_done;  // a query
};

class BackendFaults : public GroupCommitTest {
 protected:
  static void SetUpTestSuite() {
    OwnerDatabase().run(
        "CREATE OR REPLACE FUNCTION public.fail_at(bigint, bigint, text) RETURNS void LANGUAGE c "
        "AS '$libdir/evently', 'evently_fail_at'; "
        "CREATE OR REPLACE FUNCTION public.faults_raised() RETURNS integer LANGUAGE c "
        "AS '$libdir/evently', 'evently_faults_raised'");
  }

  BackendFaults() : user_(new_user()), event_(new_event(1'000'000)) {}

  std::string ids() const { return std::to_string(user_) + ", " + std::to_string(event_); }
  std::string booked_by(const std::string& key) const {
    return "SELECT count(*) = 1 FROM evently.bookings WHERE idempotency_key = '" + key + "'";
  }

  // What a session must find again as it was.
  static std::string state_of(Booker& session) {
    return session.value<std::string>(
        "SELECT concat_ws('|', current_user, current_setting('search_path'), "
        "current_setting('enable_seqscan'), current_setting('synchronous_commit'))");
  }
  void expect_nothing_left(Booker& session) {
    EXPECT_EQ(database.value<int>("SELECT count(*) FROM pg_locks WHERE pid = " +
                                  std::to_string(session.pid())),
              0);
    EXPECT_EQ(database.value<int>("SELECT count(*) FROM evently.pg_stat_evently_groups"), 0);
    EXPECT_EQ(database.violations(), "");
  }

  static void note_row(int faults) {
    add_to_chaos_row("the k-th call of the backend's code fails, every k",
                     static_cast<std::uint64_t>(faults), 0);
  }

  // False when there were fewer calls than that.
  bool fails_cleanly_at(int k, Booker& session, const Operation& operation) {
    const std::string state = state_of(session);
    session.run(arm(k));
    const Answer answer = session.answer_to(operation.statement);
    if (session.value<int>("SELECT public.faults_raised()") == 0) {
      EXPECT_EQ(answer.message, "");
      return false;
    }
    SCOPED_TRACE(answer.message);
    EXPECT_TRUE(says(answer, "injected fault"));
    EXPECT_EQ(database.value<bool>(operation.is_done), says(answer, "after the commit"));
    EXPECT_EQ(state_of(session), state);
    expect_nothing_left(session);
    EXPECT_EQ(session.answer_to(operation.statement).message, "");
    EXPECT_TRUE(database.value<bool>(operation.is_done));
    expect_nothing_left(session);
    return true;
  }

  // With sessions that prepare their statements meanwhile, and with one that has them.
  void fail_at_each_call(const std::function<Operation()>& next) {
    const int limit = fault_rounds(500);
    for (const bool afresh : {true, false}) {
      std::optional<Booker> session(std::in_place, "evently_admin");
      if (!afresh) {
        EXPECT_EQ(session->answer_to(next().statement).message, "");
      }
      int k = 1;
      while (k <= limit) {
        SCOPED_TRACE((afresh ? "new session, call " : "call ") + std::to_string(k));
        if (afresh) session.emplace("evently_admin");
        if (!fails_cleanly_at(k, *session, next()) || HasFailure()) break;
        ++k;
      }
      std::cout << k - 1 << (k > limit ? " calls failed, the limit" : " calls failed, all")
                << (afresh ? " (new sessions)\n" : "\n");
      note_row(k - 1);
      ASSERT_GT(k, 5) << "where are the calls?";
      if (HasFailure()) return;
    }
  }

  std::int64_t user_;
  std::int64_t event_;
};

TEST_F(BackendFaults, InBook) {
  fail_at_each_call([&]() -> Operation {
    const std::string key = unique_word("book");
    return {"SELECT evently.book(" + ids() + ", 2, '" + key + "')", booked_by(key)};
  });
}

// Items that are booked, repeated and refused.
TEST_F(BackendFaults, InBookMany) {
  fail_at_each_call([&]() -> Operation {
    const std::string key = unique_word("many");
    const std::string user = std::to_string(user_);
    return {"SELECT evently.book_many(" + std::to_string(event_) + ", ARRAY[" + user + ", " + user +
                ", " + user + ", 0], ARRAY[1, 2, 1, 1], ARRAY['" + key + "', '" + key + "-b', '" +
                key + "', NULL])",
            "SELECT count(*) = 2 FROM evently.bookings WHERE starts_with(idempotency_key, '" + key +
                "')"};
  });
}

TEST_F(BackendFaults, InBookAndCommit) {
  fail_at_each_call([&]() -> Operation {
    const std::string key = unique_word("commit");
    return {call_text(user_, event_, 1, key), booked_by(key)};
  });
}

TEST_F(BackendFaults, InCancel) {
  fail_at_each_call([&]() -> Operation {
    const auto id = database.value<std::string>("SELECT id FROM evently.book(" + ids() + ")");
    return {"SELECT evently.cancel(" + id + ")",
            "SELECT status = 'CANCELLED' FROM evently.bookings WHERE id = " + id};
  });
}

TEST_F(BackendFaults, InSetCapacity) {
  int capacity = 500'000;
  fail_at_each_call([&]() -> Operation {
    ++capacity;
    return {"SELECT evently.set_capacity(" + std::to_string(event_) + ", " +
                std::to_string(capacity) + ")",
            "SELECT capacity = " + std::to_string(capacity) +
                " FROM evently.events WHERE id = " + std::to_string(event_)};
  });
}

// Deletes what was booked as well, by trigger. It is gone then, so the repeat is another one.
TEST_F(BackendFaults, InDeleteEvent) {
  fail_at_each_call([&]() -> Operation {
    const auto id = new_event(5);
    database.run("SELECT evently.book(" + std::to_string(user_) + ", " + std::to_string(id) + ")");
    return {"SELECT evently.delete_event(" + std::to_string(id) + ")",
            "SELECT count(*) = 0 FROM evently.events WHERE id = " + std::to_string(id)};
  });
}

// A savepoint takes back what failed after it, and what was booked before it stays.
TEST_F(BackendFaults, InASubtransaction) {
  const int limit = fault_rounds(500);
  Booker session("evently_admin");
  for (int k = 1; k <= limit; ++k) {
    const std::string key = unique_word("sub");
    const std::string book = "SELECT evently.book(" + ids() + ", 1, '" + key;
    session.run("BEGIN");
    session.run(book + "')");
    session.run("SAVEPOINT here");
    session.run(arm(k));
    const Answer answer = session.answer_to(book + "-b')");
    if (!answer.message.empty()) session.run("ROLLBACK TO here");
    const bool raised = session.value<int>("SELECT public.faults_raised()") > 0;
    EXPECT_EQ(raised, says(answer, "injected fault")) << answer.message;
    session.run("COMMIT");
    EXPECT_TRUE(database.value<bool>(booked_by(key))) << k;
    EXPECT_EQ(database.value<bool>(booked_by(key + "-b")), !raised) << k;
    expect_nothing_left(session);
    if (!raised || HasFailure()) break;
  }
}

class BackendFaultsInGroups : public BackendFaults {
 protected:
  static constexpr std::size_t members = 3;

  // The first of a group has the fault. Returns how many were raised.
  int book_in_group(int first, int again, const std::string& sqlstate) {
    const std::string key = unique_word("group");
    const auto call = [&](std::size_t i) {
      return call_text(user_, event_, 1, key + "-" + std::to_string(i));
    };
    Calls calls;
    HeldQueue held(event_);
    for (std::size_t i = 0; i < members; ++i) {
      calls.start(call(i), i == 0 ? arm(first, again, sqlstate) : "");
      EXPECT_TRUE(eventually_true(view_limit, "it neither queues nor has failed", [&] {
        failed_at_once_ = failed_at_once_ || calls.is_answered(0, Milliseconds(0));
        return rows_of(event_, "leads") + rows_of(event_, "waits") ==
               static_cast<int>(i) + (failed_at_once_ ? 0 : 1);
      }));
    }
    held.release();
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < members; ++i) answers.push_back(calls.answer(i));
    const int raised = calls.session(0).value<int>("SELECT public.faults_raised()");
    for (std::size_t i = 0; i < members; ++i) {
      SCOPED_TRACE("member " + std::to_string(i) + ": " + answers[i].message);
      EXPECT_NE(answers[i].sqlstate, "late");
      if (!answers[i].message.empty()) {
        EXPECT_TRUE(says(answers[i], "injected fault"));
        // No member gets another's error, but its own booking may have met the second one.
        EXPECT_TRUE(i == 0 || raised == 2);
      }
      EXPECT_EQ(database.value<bool>(booked_by(key + "-" + std::to_string(i))),
                answers[i].message.empty() || says(answers[i], "after the commit"));
      EXPECT_EQ(calls.session(i).answer_to(call(i)).message, "");
      EXPECT_TRUE(database.value<bool>(booked_by(key + "-" + std::to_string(i))));
      expect_nothing_left(calls.session(i));
    }
    failed_at_once_ = false;
    return raised;
  }

 private:
  bool failed_at_once_ = false;
};

TEST_F(BackendFaultsInGroups, OfTheLeaderHurtNoOtherMember) {
  for (const std::string sqlstate : {out_of_memory, "57014"}) {
    const int limit = fault_rounds(500);
    int k = 1;
    while (k <= limit && !HasFailure() && book_in_group(k, 0, sqlstate) > 0) ++k;
    std::cout << k - 1 << " calls failed with " << sqlstate << "\n";
    note_row(k - 1);
    ASSERT_GT(k, 10);
  }
}

// The second fault meets members that are booked one by one because of the first.
TEST_F(BackendFaultsInGroups, TwoInOneGroupHurtTwoAtMost) {
  Chance chance;
  const int rounds = fault_rounds(30);
  int twice = 0;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::string sqlstate = chance.one_in(3) ? "57014" : out_of_memory;
    if (book_in_group(1 + chance.below(120), 1 + chance.below(60), sqlstate) == 2) ++twice;
  }
  std::cout << rounds << " rounds, in " << twice << " of them both\n";
}

}  // namespace
}  // namespace evently
