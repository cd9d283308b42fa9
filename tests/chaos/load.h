#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/chaos/journal.h"
#include "tests/support/http.h"

namespace evently {

// How many requests the service has answered, of all clients of an experiment.
using Served = std::atomic<std::uint64_t>;

// One client, used by one thread. What it wants it sends again, under the same key, until the
// outcome is known: what a careful client does (I8).
class Sender {
 public:
  Sender(const std::string& url, Journal& journal, Served& served)
      : client_(url), journal_(journal), served_(served) {}

  // The booking, when there is one.
  std::optional<std::int64_t> book(const Operation& operation);
  // True when it is cancelled.
  bool cancel(std::int64_t booking);
  // Asks for a seat without a key and for a user that does not exist. The database answers that
  // there is no such user; "sold out" can only come from tokens and memory, unchecked by the
  // database.
  void probe(std::int64_t event);

 private:
  HttpClient client_;
  Journal& journal_;
  Served& served_;
};

// Cancels as an application of its own does, behind the service's back: only the bridge can tell
// Redis then.
class SqlSender {
 public:
  SqlSender(std::string database_url, Journal& journal)
      : database_url_(std::move(database_url)), journal_(journal) {}

  bool cancel(std::int64_t booking);

 private:
  int try_cancel(std::int64_t booking);

  const std::string database_url_;
  std::unique_ptr<pqxx::connection> connection_;
  Journal& journal_;
};

// An operation as it is sent to the service.
std::string body_of(const Operation& operation);

// Users and events of an experiment's own.
struct Fixtures {
  std::vector<std::int64_t> users;
  std::vector<std::int64_t> events;
};
std::int64_t make_event(pqxx::connection& owner, Journal& journal, int capacity);
Fixtures make_fixtures(pqxx::connection& owner, Journal& journal,
                       const std::vector<int>& capacities);

struct LoadSettings {
  std::vector<std::string> urls;  // services, by turns
  std::string database_url;       // one cancellation in four goes there; empty: none does
  std::uint64_t seed = 1;
  std::size_t threads = 8;
  int burst_percent = 10;  // of bookings and cancellations are sent several times at once
  std::size_t burst = 2;   // times
  std::uint64_t served_max = std::numeric_limits<std::uint64_t>::max();
};

// Clients that book and cancel until they are stopped or served_max is reached. Each event has
// tides: two seconds of buyers, and two in which almost all is given back, so that small events
// are sold out again and again, and are free again for longer than "sold out" may still be answered
// (I9).
class Load {
 public:
  Load(const LoadSettings& settings, const Fixtures& fixtures, Journal& journal);
  ~Load() { stop(); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  // Every request that was begun has a known outcome afterwards, or was sent for a minute in vain.
  void stop();

  std::uint64_t served() const { return served_; }
  bool is_over() const { return served_ >= settings_.served_max; }

 private:
  void work(std::size_t number);

  const LoadSettings settings_;
  const Fixtures fixtures_;
  Journal& journal_;
  std::atomic<bool> stopping_{false};
  Served served_{0};
  std::vector<std::thread> threads_;
};

}  // namespace evently
