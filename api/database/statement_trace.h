#pragma once

#include <string>
#include <vector>

namespace evently {

using StatementIds = std::vector<std::string>;

// While it stands, the ids of the statements that this thread runs go into `ids`: so the log of a
// request names them. The innermost one collects.
class StatementTrace {
 public:
  explicit StatementTrace(StatementIds& ids) : outer_(current_) { current_ = &ids; }
  ~StatementTrace() { current_ = outer_; }
  StatementTrace(const StatementTrace&) = delete;
  StatementTrace& operator=(const StatementTrace&) = delete;

  // What another thread ran for this one counts as well. Lost where nothing collects.
  static void add(const StatementIds& ids) {
    if (current_ != nullptr) current_->insert(current_->end(), ids.begin(), ids.end());
  }
  static StatementIds so_far() { return current_ == nullptr ? StatementIds() : *current_; }

 private:
  static inline thread_local StatementIds* current_ = nullptr;
  StatementIds* const outer_;
};

}  // namespace evently
