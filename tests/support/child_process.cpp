#include "tests/support/child_process.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/stack.h"

namespace evently {
namespace {

std::vector<char*> pointers(std::vector<std::string>& lines) {
  std::vector<char*> result;
  for (std::string& line : lines) result.push_back(line.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> arguments, const Environment& environment) {
  char log_path[] = "/tmp/evently-service-test-XXXXXX";
  const int log = mkstemp(log_path);
  if (log < 0) throw std::runtime_error("no log file");
  log_path_ = log_path;

  // Made before the fork: the child of a process with threads may not allocate.
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  const auto argv = pointers(arguments);
  const auto envp = pointers(lines);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(log);
}

ChildProcess::~ChildProcess() {
  if (!status_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unlink(log_path_.c_str());
}

void ChildProcess::signal(int number) {
  kill(pid_, number);
}

std::optional<int> ChildProcess::exit_status(Milliseconds wait) {
  const auto ended = [this] {
    int status = 0;
    if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_)
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return status_.has_value();
  };
  // Whether it has ended is what the caller asks, so not ending in time is no failure here.
  static_cast<void>(eventually_true(wait, "still running", ended));
  return status_;
}

std::string ChildProcess::log() const {
  return read_file(log_path_);
}

}  // namespace evently
