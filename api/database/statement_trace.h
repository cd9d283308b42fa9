#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/luggage.h"

namespace evently {

using StatementIds = std::vector<std::string>;

// While it stands, the ids of the statements that this coroutine or thread runs go into `ids`: so
// the log of a request names them. The innermost one collects.
class StatementTrace {
 public:
  explicit StatementTrace(StatementIds& ids) : outer_(std::exchange(luggage, &ids)) {}
  ~StatementTrace() { luggage = outer_; }
  StatementTrace(const StatementTrace&) = delete;
  StatementTrace& operator=(const StatementTrace&) = delete;

  // What another thread ran for this one counts as well. Lost where nothing collects.
  static void add(const StatementIds& ids) {
    if (StatementIds* all = current()) all->insert(all->end(), ids.begin(), ids.end());
  }
  static StatementIds so_far() { return current() == nullptr ? StatementIds() : *current(); }

 private:
  static StatementIds* current() { return static_cast<StatementIds*>(luggage); }

  void* const outer_;
};

}  // namespace evently
