#include "api/database/connection.h"

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string_view>

#include "api/database/pqxx_compat.h"

namespace evently {
namespace {

std::string epoch_in(const pqxx::result& rows) {
  return rows[0][0].as<std::string>();
}

}  // namespace

Connection::Connection(const ConnectionPlan& plan) : plan_(plan), connection_(plan.conninfo) {
  static std::atomic<std::uint64_t> connections_made{0};
  origin_.connection = ++connections_made;
  inhibit_reactivation(connection_);
  if (plan.transaction_settings.empty()) {
    for (const Statement& statement : plan.statements) {
      connection_.prepare(statement.name, statement.sql);
    }
  }
  refresh_epoch();
}

void Connection::refresh_epoch() {
  pqxx::nontransaction transaction(connection_);
  origin_.epoch = epoch_in(transaction.exec("SELECT evently.epoch()"));
}

pqxx::result Connection::execute(const char* statement, const std::vector<Parameter>& parameters) {
  if (!plan_.transaction_settings.empty()) return execute_apart(statement, parameters);
  pqxx::nontransaction transaction(connection_);
  return exec_prepared(transaction, statement, bind(parameters));
}

// One transaction on whatever session the pooler gives it. Three messages: settings and epoch, the
// statement, the commit.
pqxx::result Connection::execute_apart(const char* statement,
                                       const std::vector<Parameter>& parameters) {
  const auto found = std::find_if(
      plan_.statements.begin(), plan_.statements.end(),
      [&](const Statement& known) { return std::string_view(known.name) == statement; });
  if (found == plan_.statements.end()) throw std::logic_error("there is no such statement");
  try {
    pqxx::nontransaction transaction(connection_);
    origin_.epoch = epoch_in(
        transaction.exec("BEGIN; " + plan_.transaction_settings + "SELECT evently.epoch()"));
    pqxx::result rows = exec_bound(transaction, found->sql, bind(parameters));
    transaction.exec("COMMIT");
    return rows;
  } catch (...) {
    roll_back();
    throw;
  }
}

void Connection::roll_back() noexcept {
  try {
    pqxx::nontransaction transaction(connection_);
    transaction.exec("ROLLBACK");
  } catch (...) {
    is_in_doubt_ = true;
  }
}

bool Connection::quiet() const {
  pollfd socket{connection_.sock(), POLLIN | POLLRDHUP, 0};
  return !is_in_doubt_ && socket.fd >= 0 && poll(&socket, 1, 0) == 0;
}

}  // namespace evently
