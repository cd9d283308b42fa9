#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "tests/support/sessions/database.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/pqxx_compat.h"
#include "tests/support/sessions/session_test.h"

namespace evently {

// In place of a state, when there was no answer.
constexpr char connection_lost[] = "08006";

// What a session was answered.
struct Answer {
  std::string sqlstate;  // empty: booked or replayed
  std::string message;   // as psql prints it, with DETAIL and HINT
  std::int64_t booking_id = 0;
  std::string status;
  bool replayed = false;
  std::optional<std::int64_t> version;
  std::optional<int> seats_available;
};

std::string call_text(std::int64_t user, std::int64_t event, int seats = 1,
                      const std::string& key = "");

// A session of an application, which has the rights of `role`.
class Booker {
 public:
  explicit Booker(const std::string& role = "evently_booker");

  Answer book(std::int64_t user, std::int64_t event, int seats = 1, const std::string& key = "") {
    return answer_to(call_text(user, event, seats, key));
  }
  Answer answer_to(const std::string& statement);

  pqxx::result run(const std::string& statement);
  template <class T>
  T value(const std::string& query) {
    return run(query).at(0).at(0).as<T>();
  }

  int pid() { return connection_->backendpid(); }
  const std::string& warnings() const { return notices_->text(); }

 private:
  std::unique_ptr<pqxx::connection> connection_;
  std::unique_ptr<Notices> notices_;
};

// Holds the place at the head of an event's queue, and its row, until released.
class HeldQueue {
 public:
  explicit HeldQueue(std::int64_t event) : transaction_(database_.connection()) {
    transaction_.exec("SET LOCAL synchronous_commit = local");  // waits for no standby
    transaction_.exec("SELECT evently.lock_event(" + std::to_string(event) + ")");
  }
  void release() { transaction_.commit(); }

 private:
  OwnerDatabase database_;
  pqxx::work transaction_;
};

constexpr Milliseconds answer_limit{30'000};
// Below the ten seconds after which the server wakes a session anyway, to write its statistics.
constexpr Milliseconds view_limit{5000};

// Sessions that are in a call at the same time.
class Calls {
 public:
  // Their order is that of their start.
  std::size_t start(const std::string& statement, const std::string& settings = "");
  Booker& session(std::size_t i) { return sessions_.at(i); }
  Answer answer(std::size_t i);  // waits for it; "late" in place of a state when it does not come
  // Whether an answer comes though none should.
  bool is_answered(std::size_t i, Milliseconds within = Milliseconds(200)) {
    return answers_.at(i).wait_for(within) == std::future_status::ready;
  }
  std::size_t size() const { return answers_.size(); }

 private:
  std::deque<Booker> sessions_;
  std::vector<std::future<Answer>> answers_;
};

class GroupCommitTest : public SessionTest {
 protected:
  void TearDown() override;

  int rows_of(std::int64_t event, const std::string& part);
  int bookings_of(std::int64_t user, std::int64_t event);
  testing::AssertionResult part_is(int pid, const std::string& part);
  // Waits until so many wait behind a leader.
  testing::AssertionResult is_group(std::int64_t event, int waiting);
  // Starts one more call, and waits until it leads the event's group or waits in it.
  testing::AssertionResult joins(Calls& calls, std::int64_t event, const std::string& call,
                                 const std::string& settings = "");
  // Groups and their members, from the statistics.
  std::pair<std::int64_t, std::int64_t> groups();
  std::int64_t members() { return groups().second; }
};

}  // namespace evently
