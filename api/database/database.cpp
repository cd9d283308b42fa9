#include "api/database/database.h"

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

bool ends_session(DatabaseErrorKind kind) {
  return kind == DatabaseErrorKind::connection_lost || kind == DatabaseErrorKind::stale_plan;
}

ConnectionPlan plan_of(const DatabaseSettings& settings, const std::vector<Statement>& statements) {
  const SessionLimits limits{settings.statement_timeout_ms, settings.lock_timeout_ms,
                             idle_in_transaction_timeout_ms};
  if (settings.prepare) return {conninfo_for_session(settings.url, limits), statements, ""};
  return {conninfo_for_pooler(settings.url), statements, transaction_settings(limits)};
}

// As long as PostgreSQL is told to log of a parameter. Of a trace its last digits, which are the
// random ones: so the trace itself is found in PostgreSQL's log.
std::string new_statement_id() {
  constexpr std::size_t digits = 16;
  const std::string_view trace_id = StatementTrace::trace_id();
  if (trace_id.size() < digits) return "s-" + random_hex(digits / 2);
  std::string id = "t-";
  return id.append(trace_id.substr(trace_id.size() - digits));
}

}  // namespace

pqxx::result Session::execute(const char* statement, std::initializer_list<Parameter> parameters) {
  const std::string statement_id = new_statement_id();
  StatementTrace::add({statement_id});
  std::vector<Parameter> bound{statement_id};
  bound.insert(bound.end(), parameters);
  return connection_.execute(statement, bound);
}

Database::Database(const DatabaseSettings& settings, const std::vector<Statement>& statements,
                   Workers& workers)
    : plan_(plan_of(settings, statements)),
      pool_wait_(settings.pool_wait_ms),
      retries_max_(settings.retries_max),
      workers_(workers),
      pool_(static_cast<std::size_t>(settings.connections_max),
            [this] { return std::make_unique<Connection>(plan_); }) {}

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
  // Behind a pooler the same connection may lead to another server.
  if (!plan_.transaction_settings.empty()) return std::nullopt;
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
