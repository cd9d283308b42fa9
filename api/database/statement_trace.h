#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/luggage.h"

namespace evently {

using StatementIds = std::vector<std::string>;

// While it stands, the ids of the statements that this coroutine or thread runs go into `ids`: so
// the log of a request names them. The innermost one collects.
class StatementTrace {
 public:
  // Statements are called after the trace (W3C Trace Context), where there is one.
  explicit StatementTrace(StatementIds& ids, std::string_view trace_id = {})
      : ids_(ids), trace_id_(trace_id), outer_(std::exchange(luggage, this)) {}
  ~StatementTrace() { luggage = outer_; }
  StatementTrace(const StatementTrace&) = delete;
  StatementTrace& operator=(const StatementTrace&) = delete;

  // What another thread ran for this one counts as well. Lost where nothing collects.
  static void add(const StatementIds& ids) {
    if (StatementTrace* trace = current())
      trace->ids_.insert(trace->ids_.end(), ids.begin(), ids.end());
  }
  static StatementIds so_far() { return current() == nullptr ? StatementIds() : current()->ids_; }
  static std::string_view trace_id() {
    return current() == nullptr ? std::string_view() : current()->trace_id_;
  }

 private:
  static StatementTrace* current() { return static_cast<StatementTrace*>(luggage); }

  StatementIds& ids_;
  const std::string_view trace_id_;
  void* const outer_;
};

}  // namespace evently
