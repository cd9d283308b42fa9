#include "tests/chaos/load.h"

#include <deque>
#include <functional>
#include <future>
#include <random>
#include <unordered_map>

#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr Milliseconds outcome_wait{60'000};
constexpr Milliseconds retry_pause{20};
constexpr std::int64_t tide_us = 2'000'000;
constexpr int seats_wanted_max = 3;
constexpr int user_count = 16;
constexpr std::size_t remembered_max = 50;

// One thread of a load.
class Worker {
 public:
  Worker(std::size_t number, const LoadSettings& settings, const Fixtures& fixtures,
         Journal& journal, Served& served)
      : name_(std::to_string(settings.seed) + "-" + std::to_string(number) + "-"),
        random_(settings.seed * 1000 + number),
        settings_(settings),
        fixtures_(fixtures),
        journal_(journal),
        sql_(settings.database_url, journal) {
    // The same key goes to all services at once.
    for (std::size_t i = 0; i < settings.burst; ++i)
      senders_.emplace_back(settings.urls[(number + i) % settings.urls.size()], journal, served);
  }

  void step() {
    if (below(20) == 0 && !remembered_.empty()) return repeat();
    const std::int64_t event = one_of(fixtures_.events);
    if (below(10) == 0) return senders_.front().probe(event);
    const bool ebb = (journal_.now_us() / tide_us + event) % 2 == 1;
    if (below(100) < (ebb ? 85 : 15) && !live_[event].empty()) return cancel(live_[event]);
    Earlier booking = {{name_ + std::to_string(++operations_), one_of(fixtures_.users), event,
                        1 + below(seats_wanted_max)},
                       false};
    try_for(booking);
    remembered_.push_back(booking);
    if (remembered_.size() > remembered_max) remembered_.pop_front();
  }

 private:
  struct Earlier {
    Operation operation;
    bool is_booked;
  };

  int below(int end) { return static_cast<int>(random_() % static_cast<unsigned>(end)); }
  std::int64_t one_of(const std::vector<std::int64_t>& ids) { return ids[random_() % ids.size()]; }

  // Calls it once, or by all senders at the same time.
  template <class Send>
  auto send(const Send& send_by) {
    using Result = decltype(send_by(senders_.front()));
    if (below(100) >= settings_.burst_percent) return send_by(senders_.front());
    std::vector<std::future<Result>> answers;
    for (Sender& sender : senders_)
      answers.push_back(std::async(std::launch::async, [&] { return send_by(sender); }));
    Result best{};
    for (auto& answer : answers)
      if (const Result result = answer.get()) best = result;
    return best;
  }

  void try_for(Earlier& earlier) {
    const auto booking = send([&](Sender& sender) { return sender.book(earlier.operation); });
    if (booking && !earlier.is_booked) live_[earlier.operation.event].push_back(*booking);
    if (booking) earlier.is_booked = true;
  }

  // A key of before: what was booked is booked, and what was refused may find a seat by now.
  void repeat() { try_for(remembered_[random_() % remembered_.size()]); }

  void cancel(std::vector<std::int64_t>& live) {
    const std::size_t at = random_() % live.size();
    const std::int64_t booking = live[at];
    const bool by_sql = !settings_.database_url.empty() && below(4) == 0;
    if (by_sql ? !sql_.cancel(booking)
               : !send([&](Sender& sender) { return sender.cancel(booking); }))
      return;
    live[at] = live.back();
    live.pop_back();
  }

  const std::string name_;
  std::mt19937_64 random_;
  const LoadSettings& settings_;
  const Fixtures& fixtures_;
  Journal& journal_;
  std::deque<Sender> senders_;
  SqlSender sql_;
  std::deque<Earlier> remembered_;
  std::unordered_map<std::int64_t, std::vector<std::int64_t>> live_;  // bookings by event
  std::uint64_t operations_ = 0;
};

std::int64_t booking_of(const std::optional<Reply>& reply) {
  if (!reply || (reply->status != 200 && reply->status != 201)) return 0;
  const Json body = Json::parse(reply->body, nullptr, false);
  return body.is_object() ? body.value("booking_id", std::int64_t{0}) : 0;
}

// Calls send() until its status tells the outcome.
int until_known(const std::function<int()>& send) {
  const auto start = Clock::now();
  while (true) {
    const int status = send();
    if ((status != no_answer && status != 503) || since(start) >= outcome_wait) return status;
    std::this_thread::sleep_for(retry_pause);
  }
}

void count_served(int status, Served& served) {
  if (status != no_answer && status != 503) ++served;
}

}  // namespace

std::string body_of(const Operation& operation) {
  return booking_fields(operation.user, operation.event, operation.seats, operation.key).dump();
}

std::optional<std::int64_t> Sender::book(const Operation& operation) {
  const std::string body = body_of(operation);
  std::int64_t booking = 0;
  until_known([&] {
    const std::int64_t invoked_us = journal_.invoke(operation);
    const auto reply = client_.try_send("POST", "/bookings", body);
    booking = booking_of(reply);
    const int status = reply ? reply->status : no_answer;
    journal_.complete(operation, invoked_us, status, booking);
    count_served(status, served_);
    return status;
  });
  return booking == 0 ? std::nullopt : std::optional(booking);
}

bool Sender::cancel(std::int64_t booking) {
  return until_known([&] {
           const std::int64_t invoked_us = journal_.invoke_cancel(booking);
           const auto reply = client_.try_send("DELETE", "/bookings/" + std::to_string(booking));
           const int status = reply ? reply->status : no_answer;
           journal_.complete_cancel(booking, invoked_us, status);
           count_served(status, served_);
           return status;
         }) == 200;
}

void Sender::probe(std::int64_t event) {
  const std::int64_t invoked_us = journal_.now_us();
  const auto reply =
      client_.try_send("POST", "/bookings", booking_fields(std::stoll(unused_id), event).dump());
  const int status = reply ? reply->status : no_answer;
  journal_.complete_probe(event, invoked_us, status);
  count_served(status, served_);
}

int SqlSender::try_cancel(std::int64_t booking) {
  try {
    if (!connection_) connection_ = std::make_unique<pqxx::connection>(database_url_);
    pqxx::nontransaction(*connection_)
        .exec("SELECT evently.cancel(" + std::to_string(booking) + ")");
    return done_by_sql;
  } catch (const pqxx::sql_error& error) {
    if (error.sqlstate() == "TK003") return 404;  // a lost booking: no use in asking again
    connection_.reset();
    return no_answer;
  } catch (const std::exception&) {
    connection_.reset();
    return no_answer;
  }
}

bool SqlSender::cancel(std::int64_t booking) {
  return until_known([&] {
           const std::int64_t invoked_us = journal_.invoke_cancel(booking);
           const int status = try_cancel(booking);
           journal_.complete_cancel(booking, invoked_us, status);
           return status;
         }) == done_by_sql;
}

std::int64_t make_event(pqxx::connection& owner, Journal& journal, int capacity) {
  pqxx::nontransaction transaction(owner);
  const auto event = transaction
                         .exec("SELECT id FROM evently.create_event('Chaos', '2099-01-01Z', " +
                               std::to_string(capacity) + ")")[0][0]
                         .as<std::int64_t>();
  journal.note_event(event, capacity);
  return event;
}

Fixtures make_fixtures(pqxx::connection& owner, Journal& journal,
                       const std::vector<int>& capacities) {
  Fixtures fixtures;
  for (const int capacity : capacities)
    fixtures.events.push_back(make_event(owner, journal, capacity));
  pqxx::nontransaction transaction(owner);
  for (int i = 0; i < user_count; ++i)
    fixtures.users.push_back(transaction
                                 .exec("SELECT id FROM evently.create_user('" +
                                       unique_word("chaos") + "@example.com')")[0][0]
                                 .as<std::int64_t>());
  return fixtures;
}

Load::Load(const LoadSettings& settings, const Fixtures& fixtures, Journal& journal)
    : settings_(settings), fixtures_(fixtures), journal_(journal) {
  for (std::size_t i = 0; i < settings.threads; ++i) threads_.emplace_back([this, i] { work(i); });
}

void Load::stop() {
  stopping_ = true;
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

// A journal that cannot be written proves nothing any more: std::terminate is right then.
void Load::work(std::size_t number) {
  Worker worker(number, settings_, fixtures_, journal_, served_);
  while (!stopping_ && !is_over()) worker.step();
}

}  // namespace evently
