// kill -9 of the session that leads a group, at each of its calls of the server's functions,
// between the steps in which it hands out the outcomes, and anywhere within the commit. The server
// restarts; all of the group is booked or nothing, what was acknowledged is there, each key sent
// again is booked once. Needs the module of EVENTLY_FAULTS=1, see pg_faults.cpp.
#include <signal.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "tests/support/sessions/chaos_row.h"
#include "tests/support/sessions/group_commit.h"
#include "tests/support/sessions/recovery.h"
#include "tests/support/sessions/rounds.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/sessions/unique_word.h"

namespace evently {
namespace {

constexpr std::size_t group_size = 4;  // the first of them leads
constexpr std::size_t followers = group_size - 1;

std::string end_at(int call, int signal) {
  return "SELECT public.end_at(" + std::to_string(call) + ", " + std::to_string(signal) + ")";
}

bool is_stopped(int pid) {
  return read_file("/proc/" + std::to_string(pid) + "/stat").find(") T ") != std::string::npos;
}

// A restart after a crash makes it anew.
int checkpointer() {
  return OwnerDatabase().value<int>(
      "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'");
}

// The calls of a leader whose group is booked, in their order; they are counted from 1.
struct LeaderCalls {
  std::vector<std::string> names;
  int commit = 0;        // the call that commits
  int after_commit = 0;  // the first one at which it has returned: all is handed out
  std::vector<int> wakings;

  explicit LeaderCalls(std::istream& lines) {
    for (std::string line; std::getline(lines, line);) {
      names.push_back(line);
      if (line == "SPI_commit") commit = count();
      if (line == "after SPI_commit") after_commit = count();
      if (line == "SetLatch") wakings.push_back(count());
    }
  }
  int count() const { return static_cast<int>(names.size()); }
  // How many followers have been woken before that call.
  std::size_t woken_at(int call) const {
    return static_cast<std::size_t>(
        std::count_if(wakings.begin(), wakings.end(), [&](int waking) { return waking < call; }));
  }
};

class LeaderKilled : public GroupCommitTest {
 protected:
  using Keys = std::vector<std::string>;

  static void SetUpTestSuite() {
    OwnerDatabase().run(
        "CREATE OR REPLACE FUNCTION public.end_at(bigint, integer) RETURNS void LANGUAGE c "
        "AS '$libdir/evently', 'evently_end_at'; "
        "CREATE OR REPLACE FUNCTION public.die_in_commit(integer) RETURNS void LANGUAGE c "
        "AS '$libdir/evently', 'evently_die_in_commit'; "
        "CREATE OR REPLACE FUNCTION public.calls_passed() RETURNS text LANGUAGE c "
        "AS '$libdir/evently', 'evently_calls_passed'");
  }

  LeaderKilled() : user_(new_user()), event_(new_event(1'000'000)) {}

  Keys new_keys() {
    Keys keys;
    const std::string word = unique_word("led");
    for (std::size_t i = 0; i < group_size; ++i) keys.push_back(word + "-" + std::to_string(i));
    key_count_ += keys.size();
    return keys;
  }

  void TearDown() override {
    ASSERT_TRUE(server_answers());
    GroupCommitTest::TearDown();
  }

  static bool has_ended(Calls& calls) {
    return calls.is_answered(0, Milliseconds(0)) || is_stopped(calls.session(0).pid());
  }

  // False when the leader has ended before it waited for the event.
  bool form(Calls& calls, const Keys& keys, const std::string& armed) {
    const auto start = [&](const std::string& key, const std::string& settings = "") {
      calls.start(call_text(user_, event_, 1, key), settings);
    };
    start(keys[0], armed);
    const std::string waits = "SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = " +
                              std::to_string(calls.session(0).pid());
    EXPECT_TRUE(succeeds([&] { return has_ended(calls) || OwnerDatabase().value<bool>(waits); }));
    const bool waiting = !has_ended(calls);
    // The server is there, so the others come as well; which one leads then, if any, is open.
    if (!waiting && calls.is_answered(0, Milliseconds(0))) return false;
    for (std::size_t i = 1; i < keys.size(); ++i) {
      start(keys[i]);
      EXPECT_TRUE(!waiting || is_group(event_, static_cast<int>(i)));
    }
    return waiting;
  }

  // The leader may be dead before the session that held it up is answered.
  static void release(HeldQueue& held) {
    try {
      held.release();
    } catch (const pqxx::failure&) {
    }
  }

  // The answer to each.
  std::vector<Answer> answers_of(Calls& calls) {
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      answers.push_back(calls.answer(i));
      EXPECT_NE(answers[i].sqlstate, "late") << i;
    }
    return answers;
  }

  // With a leader that lives.
  std::vector<Answer> book_in_group(const Keys& keys, std::string* calls_passed = nullptr,
                                    int end_beyond = 0) {
    Calls calls;
    HeldQueue held(event_);
    EXPECT_TRUE(form(calls, keys, calls_passed == nullptr ? "" : end_at(end_beyond, SIGKILL)));
    held.release();
    const auto answers = answers_of(calls);
    for (const Answer& answer : answers) EXPECT_EQ(answer.sqlstate, "") << answer.message;
    if (calls_passed != nullptr)
      *calls_passed = calls.session(0).value<std::string>("SELECT public.calls_passed()");
    return answers;
  }

  LeaderCalls leader_calls(int end_beyond = 0) {
    std::string passed;
    book_in_group(new_keys(), &passed, end_beyond);
    std::istringstream lines(passed);
    return LeaderCalls(lines);
  }

  // The leader is armed to die; a leader that stops is killed once `woken` followers are answered.
  std::vector<Answer> book_under_a_dying_leader(const Keys& keys, const std::string& armed,
                                                std::size_t woken) {
    const int before = checkpointer();
    Calls calls;
    HeldQueue held(event_);
    if (form(calls, keys, armed)) release(held);
    EXPECT_TRUE(succeeds([&] { return has_ended(calls); }));
    if (!calls.is_answered(0, Milliseconds(0))) {
      for (std::size_t i = 1; i <= woken; ++i)
        EXPECT_TRUE(calls.is_answered(i, answer_limit)) << "woken, but not answered: " << i;
      EXPECT_EQ(kill(calls.session(0).pid(), SIGKILL), 0);
    }
    EXPECT_TRUE(succeeds([&] { return checkpointer() != before; })) << "no restart";
    return answers_of(calls);
  }

  std::map<std::string, std::int64_t> bookings_by_key(const Keys& keys) {
    std::map<std::string, std::int64_t> found;
    for (const std::string& key : keys)
      for (const auto& row :
           database.run("SELECT id FROM evently.bookings WHERE idempotency_key = '" + key + "'")) {
        EXPECT_TRUE(found.emplace(key, row[0].as<std::int64_t>()).second) << "doubled: " << key;
      }
    return found;
  }

  // After the restart. Returns whether the group was booked.
  bool check_outcome(const Keys& keys, const std::vector<Answer>& answers) {
    EXPECT_TRUE(succeeds([&] { return database.value<int>("SELECT 1") == 1; }));
    EXPECT_EQ(database.value<int>("SELECT count(*) FROM evently.pg_stat_evently_groups"), 0);
    EXPECT_EQ(database.violations(), "");
    auto found = bookings_by_key(keys);
    const bool booked = !found.empty();
    EXPECT_EQ(found.size(), booked ? group_size : 0) << "a part of the group";
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].sqlstate.empty()) continue;
      ++acknowledged_;
      EXPECT_EQ(found[keys[i]], answers[i].booking_id) << "acknowledged to member " << i;
    }
    // The next group is one, and a repeat tells of the first booking.
    const auto before = groups();
    const auto again = book_in_group(keys);
    EXPECT_EQ(groups(), std::make_pair(before.first + 1, before.second + std::int64_t{group_size}));
    auto now = bookings_by_key(keys);
    for (std::size_t i = 0; i < group_size; ++i) {
      EXPECT_EQ(again[i].replayed, booked) << i;
      EXPECT_EQ(now[keys[i]], again[i].booking_id) << i;
    }
    EXPECT_TRUE(!booked || now == found);
    return booked;
  }

  void die_at(const LeaderCalls& leader, int call, bool stops_first) {
    SCOPED_TRACE("call " + std::to_string(call) + " of " + std::to_string(leader.count()) + ", " +
                 leader.names[static_cast<std::size_t>(call - 1)] +
                 (stops_first ? ", stopped first" : ""));
    const Keys keys = new_keys();
    const auto answers = book_under_a_dying_leader(
        keys, end_at(call, stops_first ? SIGSTOP : SIGKILL), leader.woken_at(call));
    EXPECT_NE(answers.at(0).sqlstate, "") << "it did not die";
    EXPECT_EQ(check_outcome(keys, answers), call > leader.commit);
  }

  void note_row(int deaths) const {
    add_to_chaos_row("kill -9 of the leader of a group, at each call and in its commit",
                     static_cast<std::uint64_t>(deaths), key_count_);
  }

  std::int64_t user_;
  std::int64_t event_;
  std::size_t key_count_ = 0;  // of bookings, each acknowledged in the end
  int acknowledged_ = 0;
};

// Around the commit always; of the others as many as the form allows, by chance.
std::set<int> selection(const LeaderCalls& leader, int limit, Chance& chance) {
  std::set<int> calls;
  if (limit >= leader.count()) {
    for (int call = 1; call <= leader.count(); ++call) calls.insert(call);
    return calls;
  }
  calls = {leader.commit - 1, leader.commit, leader.wakings[0], leader.wakings[1],
           leader.after_commit};
  while (static_cast<int>(calls.size()) < limit) calls.insert(1 + chance.below(leader.count()));
  return calls;
}

TEST_F(LeaderKilled, AtEachCall) {
  Chance chance;
  const LeaderCalls leader = leader_calls();
  ASSERT_GT(leader.commit, 10) << "where is the commit?";
  ASSERT_EQ(leader.wakings.size(), followers);
  ASSERT_GT(leader.wakings[0], leader.commit) << "told before the commit";
  ASSERT_GT(leader.after_commit, leader.wakings.back());
  int deaths = 0;
  for (const int call : selection(leader, fault_rounds(9), chance)) {
    // Stopped, it has nothing more to say while those whom it woke are answered.
    const bool around_the_commit = call >= leader.commit - 1 && call <= leader.after_commit;
    die_at(leader, call, around_the_commit || chance.one_in(2));
    if (HasFailure()) return;
    ++deaths;
  }
  EXPECT_EQ(leader_calls(leader.count() + 1).count(), leader.count()) << "it lives, as before";
  EXPECT_EQ(bookings_of(user_, event_), static_cast<int>(key_count_));
  std::cout << deaths << " of " << leader.count() << " stages died, the commit being "
            << leader.commit << "; " << acknowledged_ << " bookings acknowledged by the dead\n";
  note_row(deaths);
}

// Also in the server's own code: between the record of the commit, its flush and what follows.
TEST_F(LeaderKilled, AnywhereInTheCommit) {
  Chance chance;
  const int rounds = std::min(fault_rounds(3), 100);
  int booked = 0;
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    const int delay_us = 1 << chance.below(12);  // a commit may take 50 us or 5 ms
    SCOPED_TRACE(std::to_string(delay_us) + " us after the commit began");
    const Keys keys = new_keys();
    const std::string armed = "SELECT public.die_in_commit(" + std::to_string(delay_us) + ")";
    if (check_outcome(keys, book_under_a_dying_leader(keys, armed, 0))) ++booked;
  }
  EXPECT_EQ(bookings_of(user_, event_), static_cast<int>(key_count_));
  if (rounds >= 50) {  // enough to die on both sides of the record
    EXPECT_GT(booked, 0);
    EXPECT_LT(booked, rounds);
  }
  std::cout << rounds << " leaders died in the commit, " << booked << " of them after its record; "
            << acknowledged_ << " bookings acknowledged by the dead\n";
  note_row(rounds);
}

}  // namespace
}  // namespace evently
