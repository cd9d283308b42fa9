#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <type_traits>
#include <vector>

#include "api/database/connection.h"
#include "api/database/settings.h"
#include "runtime/pool.h"
#include "runtime/workers.h"

namespace evently {

// What work sees of a leased connection.
class Session {
 public:
  explicit Session(Connection& connection) : connection_(connection) {}

  // Runs one statement in a transaction of its own. The statement id is added here, and to the
  // StatementTrace of this thread.
  pqxx::result execute(const char* statement, std::initializer_list<Parameter> parameters = {});

  const Origin& origin() const { return connection_.origin(); }

 private:
  Connection& connection_;
};

// Whether work may run again when its connection was lost and its outcome is unknown.
enum class OnLostConnection { run_once_more, give_up };

// The bounded pool and the one place that retries. Thread-safe.
class Database {
 public:
  // Connects when a connection is first needed. Throws std::invalid_argument for a bad URL.
  Database(const DatabaseSettings& settings, const std::vector<Statement>& statements,
           Workers& workers);

  // Runs the work on a leased connection, on a worker where a coroutine calls, and returns its
  // result. Contention is retried with jitter; what else fails is thrown: see database_error.h.
  template <class Function>
  auto run(OnLostConnection policy, const Function& work) {
    using Result = std::invoke_result_t<const Function&, Session&>;
    if constexpr (std::is_void_v<Result>) {
      run_retrying(policy, work);
    } else {
      std::optional<Result> result;
      run_retrying(policy, [&](Session& session) { result.emplace(work(session)); });
      return std::move(*result);
    }
  }

  // Reads the epoch again by the connection of an earlier answer, and by no other, which might lead
  // to another server. Nothing when that connection is lost, or not idle now: this never waits for
  // one. Every connection then reads its epoch again before its next work.
  std::optional<Origin> refreshed(const Origin& origin) noexcept;

  std::size_t connections_in_use() const { return pool_.in_use(); }
  std::size_t connections_max() const { return pool_.size(); }

  // Called once for each retry of contention; set before the first request.
  void on_retry(std::function<void()> callback) { on_retry_ = std::move(callback); }

 private:
  using Clock = std::chrono::steady_clock;
  using Work = std::function<void(Session&)>;

  void run_retrying(OnLostConnection policy, const Work& work);
  void attempt(const Work& work, Clock::time_point deadline);
  Pool<Connection>::Lease lease_quiet_connection(Clock::time_point deadline);
  bool is_fit(Connection& connection) const;

  const ConnectionPlan plan_;  // before the pool, whose connections refer to it
  const std::chrono::milliseconds pool_wait_;
  const int retries_max_;
  std::function<void()> on_retry_ = [] {};
  std::atomic<std::uint64_t> epoch_wishes_{0};
  Workers& workers_;
  Pool<Connection> pool_;
};

}  // namespace evently
