// Everything at once: many sessions book, cancel and change events by all doors while some of them
// are cancelled, terminated and run out of time. What was acknowledged is there exactly once.
// EVENTLY_GROUP_OPERATIONS and EVENTLY_GROUP_SEED set its length and repeat it.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>

#include "tests/service/support/group_commit.h"
#include "tests/service/support/service_test.h"
#include "tests/service/support/together.h"

namespace evently {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::stoull(value);
}

constexpr std::size_t clients = 32;
constexpr int event_count = 4;
constexpr int user_count = 16;

struct Wish {
  std::string key;
  std::int64_t user;
  std::int64_t event;
  int seats;
};

// What a client knows of one of its bookings.
struct Entry {
  Wish wish;
  std::int64_t booking_id = 0;  // 0: no acknowledgement
  bool may_be_there = false;    // the connection was lost over it, or it was asked for anew
  bool may_be_cancelled = false;
  bool is_cancelled = false;
};

struct Tally {
  std::atomic<std::uint64_t> operations{0};
  std::atomic<int> acknowledged{0};
  std::atomic<int> cancels{0};
  std::atomic<int> terminations{0};
  std::atomic<int> stopped{0};
};

class Client {
 public:
  Client(std::size_t number, std::uint64_t seed, const std::vector<std::int64_t>& users,
         const std::vector<std::int64_t>& events, int capacity, Tally& tally)
      : number_(number),
        random_(seed + number),
        users_(users),
        events_(events),
        capacity_(capacity),
        tally_(tally) {
    connect();
  }

  void operate() {
    const bool hurried = below(20) == 0;
    if (hurried) ask("SET statement_timeout = '" + std::to_string(1 + below(20)) + "ms'");
    const int door = below(100);
    if (door < 60) {
      book(below(10) == 0);
    } else if (door < 70) {
      book_plainly();
    } else if (door < 80) {
      book_many();
    } else if (door < 95) {
      cancel();
    } else {
      const int capacity = capacity_ / 2 + below(capacity_);
      const auto answer = ask("SELECT evently.set_capacity(" + std::to_string(one_of(events_)) +
                              ", " + std::to_string(capacity) + ")");
      allow(answer, {"", "TK105"});
    }
    if (hurried) ask("SET statement_timeout = '60s'");
  }

  int pid() const { return pid_; }
  const std::vector<Entry>& journal() const { return journal_; }

 private:
  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  std::int64_t one_of(const std::vector<std::int64_t>& ids) {
    return ids[static_cast<std::size_t>(below(static_cast<int>(ids.size())))];
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
    entry.wish = {"c" + std::to_string(number_) + "-" + std::to_string(journal_.size()),
                  one_of(users_), one_of(events_), 1 + below(3)};
    journal_.push_back(entry);
    return journal_.back();
  }

  void note(Entry& entry, const Answer& answer, std::int64_t id) {
    allow(answer, {"", "TK101"});
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
    Entry& entry =
        again ? journal_[static_cast<std::size_t>(below(static_cast<int>(journal_.size())))]
              : new_entry();
    const Wish& wish = entry.wish;
    const Answer answer = ask(call_text(wish.user, wish.event, wish.seats, wish.key));
    if (answer.sqlstate.empty() && entry.booking_id != 0) {
      EXPECT_TRUE(answer.replayed);
    }
    note(entry, answer, answer.booking_id);
  }

  void book_plainly() {
    Entry& entry = new_entry();
    const Wish& wish = entry.wish;
    // In the shape of a CALL's answer.
    const Answer answer =
        ask("SELECT booking_id, status, created_at, replayed, version, seats_available FROM "
            "evently.book_outcome(" +
            std::to_string(wish.user) + ", " + std::to_string(wish.event) + ", " +
            std::to_string(wish.seats) + ", '" + wish.key + "')");
    note(entry, answer, answer.booking_id);
  }

  void book_many() {
    const std::size_t first = journal_.size();
    std::string users, seats, keys;
    const std::int64_t event = one_of(events_);
    for (int i = 0; i < 3; ++i) {
      Entry& entry = new_entry();
      entry.wish.event = event;
      const std::string comma = i == 0 ? "" : ",";
      users += comma + std::to_string(entry.wish.user);
      seats += comma + std::to_string(entry.wish.seats);
      keys += comma + "'" + entry.wish.key + "'";
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
    Entry& entry = journal_[static_cast<std::size_t>(below(static_cast<int>(journal_.size())))];
    if (entry.booking_id == 0) return;
    const auto answer = ask("SELECT evently.cancel(" + std::to_string(entry.booking_id) + ")");
    allow(answer, {""});
    (answer.sqlstate.empty() ? entry.is_cancelled : entry.may_be_cancelled) = true;
  }

  std::size_t number_;
  std::mt19937_64 random_;
  const std::vector<std::int64_t>& users_;
  const std::vector<std::int64_t>& events_;
  int capacity_;
  Tally& tally_;
  std::unique_ptr<Booker> session_;
  std::atomic<int> pid_{0};
  std::vector<Entry> journal_;
};

class GroupCommitStorm : public GroupCommitTest {
 protected:
  // One operation in twenty meets a cancel, one in a hundred a termination, of whoever it hits.
  void torment(std::deque<Client>& storm, std::uint64_t seed, std::uint64_t total, Tally& tally) {
    std::mt19937_64 random(seed);
    OwnerDatabase tormentor;
    for (std::uint64_t next = 20; next < total; next += 20) {
      if (!eventually_true(answer_limit, "the storm stands still",
                           [&] { return tally.operations >= next; })) {
        ADD_FAILURE() << "the storm stands still after " << tally.operations;
        return;
      }
      const int pid = storm[random() % clients].pid();
      const bool terminate = random() % 5 == 0;
      if (pid == 0) continue;
      ++(terminate ? tally.terminations : tally.cancels);
      tormentor.run(std::string("SELECT pg_") + (terminate ? "terminate" : "cancel") +
                    "_backend(pid) FROM pg_stat_activity WHERE pid = " + std::to_string(pid));
    }
  }

  void check(const std::deque<Client>& storm, const std::vector<std::int64_t>& events) {
    struct Row {
      std::int64_t id;
      int seats;
      bool live;
      int times;
    };
    std::map<std::string, Row> rows;
    for (const auto event : events)
      for (const auto& row : database.run(
               "SELECT idempotency_key, id, seats, evently.is_live(status) FROM evently.bookings "
               "WHERE event_id = " +
               std::to_string(event))) {
        Row& found = rows[row[0].as<std::string>()];
        found = {row[1].as<std::int64_t>(), row[2].as<int>(), row[3].as<bool>(), found.times + 1};
      }
    for (const Client& client : storm)
      for (const Entry& entry : client.journal()) {
        const auto row = rows.find(entry.wish.key);
        if (entry.booking_id == 0) {
          if (!entry.may_be_there) {
            EXPECT_EQ(row, rows.end()) << "refused, but " << entry.wish.key;
          }
          continue;
        }
        ASSERT_NE(row, rows.end()) << "lost: " << entry.wish.key;
        EXPECT_EQ(row->second.times, 1) << "doubled: " << entry.wish.key;
        EXPECT_EQ(row->second.id, entry.booking_id);
        EXPECT_EQ(row->second.seats, entry.wish.seats);
        if (!entry.may_be_cancelled) {
          EXPECT_EQ(row->second.live, !entry.is_cancelled);
        }
      }
  }
};

TEST_F(GroupCommitStorm, WhatWasAcknowledgedIsThereExactlyOnce) {
  const auto total = number_from("EVENTLY_GROUP_OPERATIONS", 4000);
  const auto seed = number_from("EVENTLY_GROUP_SEED", std::random_device()());
  std::cout << "EVENTLY_GROUP_SEED=" << seed << "\n";
  RecordProperty("seed", std::to_string(seed));
  std::vector<std::int64_t> users, events;
  for (int i = 0; i < user_count; ++i) users.push_back(new_user());
  // Towards the end some are sold out, whatever its length.
  const int capacity = static_cast<int>(std::min<std::uint64_t>(total * 3 / 8, 600'000));
  for (int i = 0; i < event_count; ++i) events.push_back(new_event(capacity));
  Tally tally;
  std::deque<Client> storm;
  for (std::size_t i = 0; i < clients; ++i)
    storm.emplace_back(i, seed, users, events, capacity, tally);
  const auto before = groups();
  const auto start = Clock::now();
  together(clients + 1, [&](std::size_t i) {
    if (i == clients) return torment(storm, seed, total, tally);
    while (tally.operations++ < total) storm[i].operate();
  });
  const auto after = groups();
  std::cout << total << " operations in " << since(start).count() << " ms: " << tally.acknowledged
            << " acknowledged, " << tally.cancels << " cancels and " << tally.terminations
            << " terminations sent, " << tally.stopped << " statements stopped; "
            << after.first - before.first << " groups of " << after.second - before.second
            << " members\n";
  check(storm, events);
  EXPECT_GT(tally.acknowledged, static_cast<int>(total / 4)) << "little was booked";
}

}  // namespace
}  // namespace evently
