// Everything at once: many sessions book, cancel, change and delete events by all doors while some
// of them are cancelled, terminated and run out of time. What was acknowledged is there exactly
// once, and verify() has nothing to say at any time. EVENTLY_FAULT_ROUNDS and EVENTLY_FAULT_SEED
// set the number of operations and repeat them.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <set>

#include "tests/support/sessions/chaos_row.h"
#include "tests/support/sessions/group_commit.h"
#include "tests/support/sessions/rounds.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

constexpr std::size_t clients = 32;
constexpr int event_count = 4;
constexpr int user_count = 16;

struct Operation {
  std::string key;
  std::int64_t user;
  std::int64_t event;
  int seats;
};

// What a client knows of one of its bookings.
struct Entry {
  Operation operation;
  std::int64_t booking_id = 0;  // 0: no acknowledgement
  bool may_be_there = false;    // the connection was lost over it, or it was asked for anew
  bool may_be_cancelled = false;
  bool is_cancelled = false;
  bool may_vanish = false;  // with its event
};

// Events of which one at a time is sold, until a client deletes it.
struct Passing {
  std::vector<std::int64_t> events;
  std::atomic<std::size_t> current{0};
};

struct Tally {
  std::atomic<std::uint64_t> operations{0};
  std::atomic<int> acknowledged{0};
  std::atomic<int> deleted{0};  // events
  std::atomic<int> cancels{0};
  std::atomic<int> terminations{0};
  std::atomic<int> stopped{0};
};

class Client {
 public:
  Client(std::size_t number, Chance chance, const std::vector<std::int64_t>& users,
         const std::vector<std::int64_t>& events, Passing& passing, int capacity, Tally& tally)
      : number_(number),
        chance_(chance),
        users_(users),
        events_(events),
        passing_(passing),
        capacity_(capacity),
        tally_(tally) {
    connect();
  }

  void operate() {
    const bool hurried = chance_.one_in(20);
    if (hurried) ask("SET statement_timeout = '" + std::to_string(1 + chance_.below(20)) + "ms'");
    const int door = chance_.below(100);
    if (door < 60) {
      book(chance_.one_in(10));
    } else if (door < 70) {
      book_plainly();
    } else if (door < 80) {
      book_many();
    } else if (door < 95) {
      cancel();
    } else if (door < 98) {
      set_capacity();
    } else if (door < 99) {
      // An error when it finds anything: half of a change would be seen here.
      allow(ask("SELECT 1 / (count(*) = 0)::integer FROM evently.verify()"), {""});
    } else if (chance_.one_in(2)) {
      delete_event();
    }
    if (hurried) ask("SET statement_timeout = '60s'");
  }

  int pid() const { return pid_; }
  const std::vector<Entry>& journal() const { return journal_; }

 private:
  std::int64_t passing_event() const { return passing_.events[passing_.current]; }
  Entry& any_entry() {
    return journal_[static_cast<std::size_t>(chance_.below(static_cast<int>(journal_.size())))];
  }

  void connect() {
    EXPECT_TRUE(eventually(view_limit, [&]() -> std::string {
      try {
        session_ = std::make_unique<Booker>("evently_admin");
        pid_ = session_->pid();
        return "";
      } catch (const std::exception& error) {
        return error.what();
      }
    }));
  }

  Answer ask(const std::string& statement) {
    const Answer answer = session_->answer_to(statement);
    if (answer.sqlstate == "57014") ++tally_.stopped;
    if (answer.sqlstate != connection_lost) return answer;
    pid_ = 0;
    connect();
    return answer;
  }

  void allow(const Answer& answer, const std::vector<std::string>& states) {
    static const std::vector<std::string> always = {"57014", connection_lost};
    const auto is_in = [&](const auto& list) {
      return std::find(list.begin(), list.end(), answer.sqlstate) != list.end();
    };
    EXPECT_TRUE(is_in(states) || is_in(always)) << answer.sqlstate << answer.message;
  }

  Entry& new_entry() {
    Entry entry;
    entry.may_vanish = chance_.one_in(10);
    entry.operation = {"c" + std::to_string(number_) + "-" + std::to_string(journal_.size()),
                       chance_.one_of(users_),
                       entry.may_vanish ? passing_event() : chance_.one_of(events_),
                       1 + chance_.below(3)};
    journal_.push_back(entry);
    return journal_.back();
  }

  void note(Entry& entry, const Answer& answer, std::int64_t id) {
    allow(answer, {"", "TK101", entry.may_vanish ? "TK001" : ""});
    if (answer.sqlstate == connection_lost) entry.may_be_there = true;
    if (!answer.sqlstate.empty()) return;
    if (entry.booking_id != 0) {
      EXPECT_EQ(id, entry.booking_id) << "another one for the same key";
    }
    entry.booking_id = id;
    ++tally_.acknowledged;
  }

  void book(bool again) {
    if (again && journal_.empty()) return;
    Entry& entry = again ? any_entry() : new_entry();
    const Operation& operation = entry.operation;
    const Answer answer =
        ask(call_text(operation.user, operation.event, operation.seats, operation.key));
    if (answer.sqlstate.empty() && entry.booking_id != 0) {
      EXPECT_TRUE(answer.replayed);
    }
    note(entry, answer, answer.booking_id);
  }

  void book_plainly() {
    Entry& entry = new_entry();
    const Operation& operation = entry.operation;
    // In the shape of a CALL's answer.
    const Answer answer =
        ask("SELECT booking_id, status, created_at, replayed, version, seats_available FROM "
            "evently.book_outcome(" +
            std::to_string(operation.user) + ", " + std::to_string(operation.event) + ", " +
            std::to_string(operation.seats) + ", '" + operation.key + "')");
    note(entry, answer, answer.booking_id);
  }

  void book_many() {
    const std::size_t first = journal_.size();
    std::string users, seats, keys;
    const std::int64_t event = chance_.one_of(events_);
    for (int i = 0; i < 3; ++i) {
      Entry& entry = new_entry();
      entry.operation.event = event;
      entry.may_vanish = false;
      const std::string comma = i == 0 ? "" : ",";
      users += comma + std::to_string(entry.operation.user);
      seats += comma + std::to_string(entry.operation.seats);
      keys += comma + "'" + entry.operation.key + "'";
    }
    Answer answer;
    try {
      const auto rows = session_->run(
          "SELECT position, outcome, booking_id FROM evently.book_many(" + std::to_string(event) +
          ", ARRAY[" + users + "], ARRAY[" + seats + "], ARRAY[" + keys + "])");
      for (const auto& row : rows)
        if (row[1].as<std::string>() == "booked")
          note(journal_[first + static_cast<std::size_t>(row[0].as<int>() - 1)], answer,
               row[2].as<std::int64_t>());
    } catch (const std::exception&) {
      for (std::size_t i = first; i < journal_.size(); ++i) journal_[i].may_be_there = true;
      pid_ = 0;
      connect();
    }
  }

  void cancel() {
    if (journal_.empty()) return;
    Entry& entry = any_entry();
    if (entry.booking_id == 0) return;
    const auto answer = ask("SELECT evently.cancel(" + std::to_string(entry.booking_id) + ")");
    allow(answer, {"", entry.may_vanish ? "TK003" : ""});
    (answer.sqlstate.empty() ? entry.is_cancelled : entry.may_be_cancelled) = true;
  }

  void set_capacity() {
    const bool lasts = !chance_.one_in(10);
    const auto event = std::to_string(lasts ? chance_.one_of(events_) : passing_event());
    const int capacity = capacity_ / 2 + chance_.below(capacity_);
    const auto answer =
        ask("SELECT evently.set_capacity(" + event + ", " + std::to_string(capacity) + ")");
    allow(answer, {"", "TK105", lasts ? "" : "TK001"});
  }

  void delete_event() {
    std::size_t current = passing_.current;
    if (current + 1 == passing_.events.size()) return;  // the last one stays
    const auto event = std::to_string(passing_.events[current]);
    const auto answer = ask("SELECT evently.delete_event(" + event + ")");
    allow(answer, {"", "TK001"});
    if (answer.sqlstate.empty()) ++tally_.deleted;
    passing_.current.compare_exchange_strong(current, current + 1);
  }

  std::size_t number_;
  Chance chance_;
  const std::vector<std::int64_t>& users_;
  const std::vector<std::int64_t>& events_;
  Passing& passing_;
  int capacity_;
  Tally& tally_;
  std::unique_ptr<Booker> session_;
  std::atomic<int> pid_{0};
  std::vector<Entry> journal_;
};

class GroupCommitStorm : public GroupCommitTest {
 protected:
  // One operation in twenty meets a cancel, one in a hundred a termination, each of a client taken
  // by chance.
  void torment(std::deque<Client>& storm, Chance chance, std::uint64_t total, Tally& tally) {
    OwnerDatabase tormentor;
    for (std::uint64_t next = 20; next < total; next += 20) {
      if (!eventually_true(answer_limit, "the storm stands still",
                           [&] { return tally.operations >= next; })) {
        ADD_FAILURE() << "the storm stands still after " << tally.operations;
        return;
      }
      const int pid = chance.one_of(storm).pid();
      const bool terminate = chance.one_in(5);
      if (pid == 0) continue;
      ++(terminate ? tally.terminations : tally.cancels);
      tormentor.run(std::string("SELECT pg_") + (terminate ? "terminate" : "cancel") +
                    "_backend(pid) FROM pg_stat_activity WHERE pid = " + std::to_string(pid));
    }
  }

  // Bookings of those events that still stand.
  void check(const std::deque<Client>& storm, const std::vector<std::int64_t>& events) {
    struct Row {
      std::int64_t id;
      int seats;
      bool live;
      int times;
    };
    std::map<std::string, Row> rows;
    std::set<std::int64_t> standing;
    for (const auto event : events) {
      if (database.value<int>("SELECT count(*) FROM evently.events WHERE id = " +
                              std::to_string(event)) == 1)
        standing.insert(event);
      for (const auto& row : database.run(
               "SELECT idempotency_key, id, seats, evently.is_live(status) FROM evently.bookings "
               "WHERE event_id = " +
               std::to_string(event))) {
        Row& found = rows[row[0].as<std::string>()];
        found = {row[1].as<std::int64_t>(), row[2].as<int>(), row[3].as<bool>(), found.times + 1};
      }
    }
    for (const Client& client : storm)
      for (const Entry& entry : client.journal()) {
        if (standing.count(entry.operation.event) == 0) continue;
        const auto row = rows.find(entry.operation.key);
        if (entry.booking_id == 0) {
          if (!entry.may_be_there) {
            EXPECT_EQ(row, rows.end()) << "refused, but " << entry.operation.key;
          }
          continue;
        }
        ASSERT_NE(row, rows.end()) << "lost: " << entry.operation.key;
        EXPECT_EQ(row->second.times, 1) << "doubled: " << entry.operation.key;
        EXPECT_EQ(row->second.id, entry.booking_id);
        EXPECT_EQ(row->second.seats, entry.operation.seats);
        if (!entry.may_be_cancelled) {
          EXPECT_EQ(row->second.live, !entry.is_cancelled);
        }
      }
  }
};

TEST_F(GroupCommitStorm, WhatWasAcknowledgedIsThereExactlyOnce) {
  const auto total = static_cast<std::uint64_t>(fault_rounds(4000));
  Chance chance;
  std::vector<std::int64_t> users, events;
  for (int i = 0; i < user_count; ++i) users.push_back(new_user());
  // Towards the end some are sold out, whatever its length.
  const int capacity = static_cast<int>(std::min<std::uint64_t>(total * 3 / 8, 600'000));
  for (int i = 0; i < event_count; ++i) events.push_back(new_event(capacity));
  Passing passing;
  for (std::uint64_t i = 0; i <= total / 200; ++i) passing.events.push_back(new_event(capacity));
  Tally tally;
  std::deque<Client> storm;
  for (std::size_t i = 0; i < clients; ++i)
    storm.emplace_back(i, chance.split(), users, events, passing, capacity, tally);
  const auto before = groups();
  const auto start = Clock::now();
  together(clients + 1, [&](std::size_t i) {
    if (i == clients) return torment(storm, chance.split(), total, tally);
    while (tally.operations++ < total) storm[i].operate();
  });
  const auto after = groups();
  std::cout << total << " operations in " << since(start).count() << " ms: " << tally.acknowledged
            << " acknowledged, " << tally.deleted << " events deleted, " << tally.cancels
            << " cancels and " << tally.terminations << " terminations sent, " << tally.stopped
            << " statements stopped; " << after.first - before.first << " groups of "
            << after.second - before.second << " members\n";
  events.insert(events.end(), passing.events.begin(), passing.events.end());
  check(storm, events);
  EXPECT_GT(tally.acknowledged, static_cast<int>(total / 4)) << "little was booked";
  EXPECT_GT(tally.deleted, 0);
  add_to_chaos_row("races of all doors, sessions cancelled and terminated", total,
                   static_cast<std::uint64_t>(tally.acknowledged));
}

}  // namespace
}  // namespace evently
