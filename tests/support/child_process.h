#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace evently {

// A program with an environment of its own, whose output goes to a file. Killed when it goes out of
// scope, or when the test ends otherwise.
class ChildProcess {
 public:
  using Environment = std::map<std::string, std::string>;

  // The first argument names the program; without a slash it is looked for in PATH.
  ChildProcess(std::vector<std::string> arguments, const Environment& environment);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number);

  // As a shell tells it: the exit code, or 128 and the signal. nullopt while it still runs after
  // the wait.
  std::optional<int> exit_status(std::chrono::milliseconds wait);

  // What it has written to stdout and stderr so far.
  std::string log() const;

 private:
  std::string log_path_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace evently
