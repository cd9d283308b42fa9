// What if notifications were doubled, came late and in another order, or not at all? They are
// hints: the bridge reads the database itself, and reads every event again in turn. So tokens equal
// the database soon after the load ends (I7). EVENTLY_FAULT_ROUNDS and EVENTLY_FAULT_SEED set the
// number of changes and repeat them.
#include <algorithm>
#include <deque>
#include <iostream>

#include "tests/faults/support/postgres_proxy.h"
#include "tests/support/bridge_process.h"
#include "tests/support/redis.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/chaos_row.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/rounds.h"

namespace evently {
namespace {

constexpr char notification_type = 'A';
constexpr int event_count = 40;
constexpr int capacity = 10'000;  // more than the longest form books
constexpr int looks_max = 100;    // at the tokens, each after so many changes
constexpr Milliseconds quiet{1000};
// Of what no notification told: all known events are read again once a second, looked for each half
// second. No PostgreSQL loses a notification of a connection that stands.
constexpr Milliseconds quiet_after_loss{1500};
constexpr Milliseconds slack{300};  // of a machine that does other things as well

class DisturbedNotifications : public WireRule {
 public:
  DisturbedNotifications(Chance& chance, bool loses) : chance_(chance), loses_(loses) {}

  Fate fate(const WireMessage& message) override {
    Fate fate;
    if (message.sender == Sender::server && message.type == notification_type) {
      disturb(message.bytes, fate);
    } else {
      if (message.sender == Sender::server && !held_.empty() && --patience_ == 0) release(fate);
      fate.forward.push_back(message.bytes);
    }
    return fate;
  }

  std::string tally() const {
    return std::to_string(seen_) + " notifications, " + std::to_string(lost_) + " lost, " +
           std::to_string(doubled_) + " doubled, " + std::to_string(late_) + " late and reordered";
  }
  int disturbed() const { return lost_ + doubled_ + late_; }

 private:
  // One held back goes out behind a later one, or, where none comes, among the next answers.
  void disturb(const std::string& bytes, Fate& fate) {
    ++seen_;
    const int way = chance_.below(4);
    if (way == 0 && loses_) {
      ++lost_;
    } else if (way == 1) {
      ++doubled_;
      fate.forward = {bytes, bytes};
    } else if (way == 2) {
      ++late_;
      held_.push_back(bytes);
      patience_ = 6;
    } else {
      fate.forward = {bytes};
      release(fate);
    }
  }

  void release(Fate& fate) {
    while (!held_.empty()) {
      fate.forward.push_back(held_.back());  // the latest first
      held_.pop_back();
    }
  }

  Chance& chance_;
  const bool loses_;
  std::deque<std::string> held_;
  int patience_ = 0;  // messages of the server until those held back go out
  int seen_ = 0, lost_ = 0, doubled_ = 0, late_ = 0;
};

class Notifications : public ServiceTest {
 protected:
  Notifications() : restored_("bridge"), proxy_(setting("DATABASE_URL")), user_(new_user()) {
    stop_part("bridge");
    for (const auto& row : database.run(
             "SELECT (evently.create_event('Told of', '2099-01-01Z', " + std::to_string(capacity) +
             ")).id FROM generate_series(1, " + std::to_string(event_count) + ")"))
      events_.push_back(row[0].as<std::int64_t>());
  }

  // One transaction, by SQL: nothing but its notification tells the bridge.
  void change() {
    const auto event = std::to_string(chance_.one_of(events_));
    const int way = chance_.below(10);
    if (way < 6) {
      bookings_.push_back(database.value<std::int64_t>("SELECT id FROM evently.book(" +
                                                       std::to_string(user_) + ", " + event + ")"));
    } else if (way < 9 && !bookings_.empty()) {
      database.run("SELECT evently.cancel(" + std::to_string(chance_.one_of(bookings_)) + ")");
    } else {
      database.run("SELECT evently.set_capacity(" + event + ", " +
                   std::to_string(capacity + chance_.below(capacity)) + ")");
    }
  }

  // Empty when Redis says of every event what the database says.
  std::string differences() {
    TestRedis redis;
    std::string lines;
    for (const auto& row : database.run("SELECT id, seats_available FROM evently.inventory")) {
      const auto tokens = redis.tokens(row[0].as<std::int64_t>());
      if (tokens == row[1].as<std::int64_t>()) continue;
      lines += "event " + row[0].as<std::string>() + ": " + row[1].as<std::string>() +
               " seats, tokens " + (tokens ? std::to_string(*tokens) : "absent") + "\n";
    }
    return lines;
  }

  void disturb(bool loses, Milliseconds limit) {
    const BridgeProcess bridge(ServiceProcess::Settings{{"DATABASE_URL", proxy_.url()}});
    ASSERT_TRUE(eventually(Milliseconds(10'000), [&] { return differences(); }));
    DisturbedNotifications rule(chance_of_wire_, loses);
    proxy_.set_rule(&rule);
    const int changes = fault_rounds(1000);
    std::vector<std::int64_t> waits;
    const int burst = std::max(100, changes / looks_max);
    for (int done = 0; done < changes; done += burst) {
      for (int i = 0; i < burst; ++i) change();
      const auto start = Clock::now();
      EXPECT_TRUE(eventually(limit + slack, [&] { return differences(); }));
      waits.push_back(since(start).count());
      if (HasFailure()) break;
    }
    proxy_.set_rule(nullptr);
    std::sort(waits.begin(), waits.end());
    std::cout << changes << " changes, " << rule.tally() << "; tokens right after "
              << waits[waits.size() / 2] << " ms (median), " << waits.back() << " ms (longest)\n";
    EXPECT_GT(rule.disturbed(), 0) << "nothing was disturbed";
    add_to_chaos_row("changes while notifications are lost, doubled, reordered",
                     static_cast<std::uint64_t>(changes), bookings_.size());
  }

  const PartRestored restored_;
  PostgresProxy proxy_;
  Chance chance_;
  Chance chance_of_wire_ = chance_.split();
  std::int64_t user_;
  std::vector<std::int64_t> events_;
  std::vector<std::int64_t> bookings_;
};

TEST_F(Notifications, DoubledAndReorderedOnesCostNothing) {
  disturb(false, quiet);
}

TEST_F(Notifications, LostOnesAreMadeGoodByReadingAllInTurn) {
  disturb(true, quiet_after_loss);
}

}  // namespace
}  // namespace evently
