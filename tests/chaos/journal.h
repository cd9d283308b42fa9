#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace evently {

// What a client wants to book, under one key however often it sends it. The words are Jepsen's:
// each send is an invocation, and what comes of it a completion.
struct Operation {
  std::string key;
  std::int64_t user = 0;
  std::int64_t event = 0;
  int seats = 0;
};

// In place of a status.
constexpr int no_answer = 0;
constexpr int done_by_sql = 204;  // which says nothing about the service

// An answer, or that none came. Times are microseconds since the journal was begun.
struct Completion {
  std::int64_t invoked_us = 0;
  std::int64_t completed_us = 0;
  int status = no_answer;
  std::int64_t booking = 0;
};

struct OperationHistory {
  Operation operation;
  std::vector<std::int64_t> invoked_us;
  std::vector<Completion> completions;
};

struct CancelHistory {
  std::vector<std::int64_t> invoked_us;
  std::vector<Completion> completions;
};

// All invocations and completions of one experiment.
struct History {
  std::map<std::int64_t, int> capacities;  // of the events that are theirs alone
  std::unordered_map<std::string, OperationHistory> operations;
  std::unordered_map<std::int64_t, CancelHistory> cancels;  // by booking
  std::map<std::int64_t, std::vector<Completion>> probes;   // by event
};

// What the clients write down, for any number of threads. An invocation is on the disk before it is
// sent, so nothing can be in the database that is not in here, whatever is killed.
class Journal {
 public:
  explicit Journal(const std::string& path);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  void note_event(std::int64_t event, int capacity);

  // Return the time of the invocation.
  std::int64_t invoke(const Operation& operation);
  std::int64_t invoke_cancel(std::int64_t booking);

  void complete(const Operation& operation, std::int64_t invoked_us, int status,
                std::int64_t booking);
  void complete_cancel(std::int64_t booking, std::int64_t invoked_us, int status);
  // Of what books nothing in any case.
  void complete_probe(std::int64_t event, std::int64_t invoked_us, int status);

  std::int64_t now_us() const;

 private:
  void append(const std::string& line);
  void make_durable();

  int file_;
  std::chrono::steady_clock::time_point begun_;
};

// Throws on a line that it does not understand, unless it is a last one that was not finished.
History read_history(const std::string& path);

}  // namespace evently
