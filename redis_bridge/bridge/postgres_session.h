#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "redis_bridge/bridge/stop_event.h"

struct pg_conn;
struct pg_result;

namespace evently {

// The session is of no more use after it.
class PostgresError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The rows of a query. No column of ours is ever NULL.
class PostgresRows {
 public:
  explicit PostgresRows(pg_result* result) : result_(result) {}
  int size() const;
  std::string text(int row, int column) const;
  std::int64_t integer(int row, int column) const;

 private:
  struct Deleter {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Deleter> result_;
};

// One session with PostgreSQL that never comes back by itself: notifications and settings would be
// lost unseen. It stands on libpq itself, because every wait must end at a deadline or when the
// bridge is told to stop, also while connecting and with a server that no longer answers.
class PostgresSession {
 public:
  PostgresSession(const std::string& url, const StopEvent& stop);

  PostgresRows query(const char* sql, const std::vector<std::string>& parameters = {});

  // The payloads that have come so far; never waits.
  std::vector<std::string> notifications();

  int socket() const;
  std::string address() const;

 private:
  struct Deleter {
    void operator()(pg_conn* connection) const;
  };
  using Clock = StopEvent::Clock;

  void connect(Clock::time_point deadline);
  void flush(Clock::time_point deadline);
  PostgresRows receive(Clock::time_point deadline);
  void wait(short events, Clock::time_point deadline) const;
  [[noreturn]] void fail() const;

  const StopEvent& stop_;
  std::unique_ptr<pg_conn, Deleter> connection_;
};

// Whether libpq can read the text as a connection string or URL.
bool valid_postgres_url(const std::string& url);

}  // namespace evently
