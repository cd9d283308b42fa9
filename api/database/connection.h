#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace evently {

// A statement of ours. Its first parameter is the statement id, which it selects as text: so the
// id stands beside the statement in PostgreSQL's own log, and joins it to ours.
struct Statement {
  const char* name;
  const char* sql;
};

using Parameter = std::optional<std::string>;  // nothing is NULL

// Where an answer came from.
struct Origin {
  std::uint64_t connection = 0;  // of this process; never used again
  std::string epoch;             // the life of the database, as known there
};

// How connections are made and used.
struct ConnectionPlan {
  std::string conninfo;
  std::vector<Statement> statements;
  // Empty: the session is ours, has its limits from the start and its statements prepared. Else a
  // pooler may give each transaction another session: every one begins with these settings.
  std::string transaction_settings;
};

// One connection. It never comes back to life: once lost, it is replaced, because a silent
// reconnect would lose the session and hide an unknown outcome.
class Connection {
 public:
  explicit Connection(const ConnectionPlan& plan);

  // In a transaction of its own.
  pqxx::result execute(const char* statement, const std::vector<Parameter>& parameters);

  // False when the server has said something, or goodbye, while the connection lay idle.
  bool quiet() const;

  // Its epoch was read on connecting and when it was refreshed; behind a pooler by each statement.
  const Origin& origin() const { return origin_; }
  void refresh_epoch();

  // Which of the Database's wishes for fresh epochs this one has met.
  std::uint64_t epoch_wish = 0;

 private:
  pqxx::result execute_apart(const char* statement, const std::vector<Parameter>& parameters);
  void roll_back() noexcept;

  const ConnectionPlan& plan_;
  pqxx::connection connection_;
  Origin origin_;
  bool is_in_doubt_ = false;  // whether it still is within a transaction
};

}  // namespace evently
