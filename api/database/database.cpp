#include "api/database/database.h"

#include <poll.h>

#include <atomic>

#include "api/database/conninfo.h"
#include "api/database/database_error.h"
#include "api/database/statement_trace.h"
#include "runtime/backoff.h"
#include "runtime/log.h"
#include "runtime/random_id.h"
#include "runtime/wake_signal.h"

namespace evently {
namespace {

constexpr int idle_in_transaction_timeout_ms = 10'000;
constexpr int first_backoff_ms = 10;
constexpr int backoff_ms_max = 200;

// The two generations of libpqxx differ in how values are bound and in what is deprecated; all of
// it is here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#if PQXX_VERSION_MAJOR >= 7
void inhibit_reactivation(pqxx::connection&) {}  // never does since 7.0

pqxx::result execute_prepared(pqxx::connection& connection, const char* statement,
                              const std::vector<Parameter>& parameters) {
  pqxx::params bound;
  for (const Parameter& parameter : parameters) {
    parameter ? bound.append(pqxx::zview(*parameter)) : bound.append();
  }
  pqxx::nontransaction transaction(connection);
  return transaction.exec_prepared(statement, bound);
}
#else
void inhibit_reactivation(pqxx::connection& connection) {
  connection.inhibit_reactivation(true);
}

pqxx::result execute_prepared(pqxx::connection& connection, const char* statement,
                              const std::vector<Parameter>& parameters) {
  std::vector<const char*> bound;
  for (const Parameter& parameter : parameters) {
    bound.push_back(parameter ? parameter->c_str() : nullptr);
  }
  pqxx::nontransaction transaction(connection);
  return transaction.exec_prepared(statement, pqxx::prepare::make_dynamic_params(bound));
}
#endif
#pragma GCC diagnostic pop

bool ends_session(DatabaseErrorKind kind) {
  return kind == DatabaseErrorKind::connection_lost || kind == DatabaseErrorKind::stale_plan;
}

}  // namespace

Connection::Connection(const std::string& conninfo, const std::vector<Statement>& statements)
    : connection_(conninfo) {
  static std::atomic<std::uint64_t> connections_made{0};
  origin_.connection = ++connections_made;
  inhibit_reactivation(connection_);
  for (const Statement& statement : statements) connection_.prepare(statement.name, statement.sql);
  refresh_epoch();
}

void Connection::refresh_epoch() {
  pqxx::nontransaction transaction(connection_);
  origin_.epoch = transaction.exec("SELECT evently.epoch()")[0][0].as<std::string>();
}

pqxx::result Connection::execute(const char* statement, const std::vector<Parameter>& parameters) {
  return execute_prepared(connection_, statement, parameters);
}

bool Connection::quiet() const {
  pollfd socket{connection_.sock(), POLLIN | POLLRDHUP, 0};
  return socket.fd >= 0 && poll(&socket, 1, 0) == 0;
}

pqxx::result Session::execute(const char* statement, std::initializer_list<Parameter> parameters) {
  const std::string statement_id = "s-" + random_hex(8);
  StatementTrace::add({statement_id});
  std::vector<Parameter> bound{statement_id};
  bound.insert(bound.end(), parameters);
  return connection_.execute(statement, bound);
}

Database::Database(const DatabaseSettings& settings, const std::vector<Statement>& statements,
                   Workers& workers)
    : pool_wait_(settings.pool_wait_ms),
      retries_max_(settings.retries_max),
      workers_(workers),
      pool_(static_cast<std::size_t>(settings.connections_max),
            [conninfo = conninfo_for_service(
                 settings.url, {settings.statement_timeout_ms, settings.lock_timeout_ms,
                                idle_in_transaction_timeout_ms}),
             statements] { return std::make_unique<Connection>(conninfo, statements); }) {}

Pool<Connection>::Lease Database::lease_quiet_connection(Clock::time_point deadline) {
  // Each discard makes room for a new connection, which is fit: the bound is never reached.
  for (std::size_t i = 0; i <= pool_.size(); ++i) {
    auto lease = pool_.lease(std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()));
    if (!lease) break;
    if (is_fit(**lease)) return std::move(*lease);
    lease->discard();
  }
  throw PoolExhausted();
}

bool Database::is_fit(Connection& connection) const {
  if (!connection.quiet()) return false;
  const std::uint64_t wish = epoch_wishes_;
  if (connection.epoch_wish == wish) return true;
  try {
    connection.refresh_epoch();
  } catch (const std::exception&) {
    return false;
  }
  connection.epoch_wish = wish;
  return true;
}

std::optional<Origin> Database::refreshed(const Origin& origin) noexcept {
  auto lease = pool_.lease_idle([&](const Connection& connection) {
    return connection.origin().connection == origin.connection;
  });
  if (!lease) {
    ++epoch_wishes_;
    return std::nullopt;
  }
  try {
    (*lease)->refresh_epoch();
    return (*lease)->origin();
  } catch (const std::exception&) {
    lease->discard();
    return std::nullopt;
  }
}

void Database::run_retrying(OnLostConnection policy, const Work& work) {
  std::optional<Backoff> backoff;  // made when first needed: most calls never wait
  int retries = 0;
  bool may_run_once_more = true;
  for (;;) {
    try {
      const auto deadline = Clock::now() + pool_wait_;
      if (!workers_.run(deadline, [&] { attempt(work, deadline); })) throw PoolExhausted();
      return;
    } catch (const std::exception& error) {
      const DatabaseErrorKind kind = database_error_of(error).kind;
      if (ends_session(kind)) {
        // Of a stale plan we know that nothing was done.
        const bool safe =
            kind == DatabaseErrorKind::stale_plan || policy == OnLostConnection::run_once_more;
        if (!safe || !may_run_once_more) throw;
        may_run_once_more = false;
        continue;
      }
      if (kind != DatabaseErrorKind::contention || retries == retries_max_) throw;
    }
    // Connection and worker are given back while we wait.
    ++retries;
    on_retry_();
    if (!backoff) backoff.emplace(first_backoff_ms, backoff_ms_max, random_seed());
    pause_for(std::chrono::milliseconds(backoff->next_ms()));
  }
}

void Database::attempt(const Work& work, Clock::time_point deadline) {
  auto lease = lease_quiet_connection(deadline);
  Session session(*lease);
  try {
    work(session);
  } catch (const std::exception& error) {
    if (ends_session(database_error_of(error).kind)) {
      lease.discard();
      log(Level::warning, "database connection given up",
          {{"error", error.what()}, {"statement_ids", StatementTrace::so_far()}});
    }
    throw;
  }
}

}  // namespace evently
