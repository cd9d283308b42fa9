#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <string_view>
#include <utility>

#include "api/database/database_error.h"
#include "api/database/statement_trace.h"
#include "runtime/combiner.h"

namespace evently {

// What every call of a BatchQueue derives from.
struct QueuedCall {
  std::exception_ptr failure{};                                  // of this call alone
  StatementIds statement_ids{};                                  // of the whole batch
  const std::string_view trace_id = StatementTrace::trace_id();  // of the request that calls
};

// Calls that need the database gather per key while the batch before theirs is under way, and go
// there together: see Combiner. Thread-safe.
template <class Key, class Call>
class BatchQueue {
  using Calls = Combiner<Key, Call>;

 public:
  using Batch = typename Calls::Batch;
  // Answers the calls of a batch or sets their failure. What it throws, each of them throws.
  using Process = std::function<void(const Key&, const Batch&)>;

  BatchQueue(const CombinerLimits& limits, Workers& workers, Process process)
      : process_(std::move(process)),
        calls_(limits, workers, [this](const Key& key, const Batch& batch) { serve(key, batch); }) {
  }

  // Returns when the call has been answered. Throws its failure, or Busy when the queue is full or
  // the call's batch cannot begin in time.
  void run(const Key& key, Call& call) {
    if (calls_.run(key, call) != Calls::Outcome::processed) throw Busy();
    StatementTrace::add(call.statement_ids);
    if (call.failure) std::rethrow_exception(call.failure);
  }

  // Calls that wait for the batch before theirs.
  std::size_t queued() const { return calls_.queued(); }

 private:
  void serve(const Key& key, const Batch& batch) {
    StatementIds statement_ids;
    std::exception_ptr failure;
    {
      const StatementTrace trace(statement_ids, first_trace_id(batch));
      try {
        process_(key, batch);
      } catch (...) {
        failure = std::current_exception();
      }
    }
    for (Call* call : batch.items) {
      call->statement_ids = statement_ids;
      if (failure) call->failure = failure;
    }
  }

  // Of many traces the statement can name one; the log of each request names the statement.
  static std::string_view first_trace_id(const Batch& batch) {
    for (const Call* call : batch.items) {
      if (!call->trace_id.empty()) return call->trace_id;
    }
    return {};
  }

  const Process process_;
  Calls calls_;
};

}  // namespace evently
