#include "tests/support/sessions/stack.h"

#include <signal.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/places.h"

namespace evently {
namespace {

void run_stack_script(const std::string& verb, const std::string& part) {
  const char* script = std::getenv("EVENTLY_STACK");
  const std::string command =
      std::string(script != nullptr ? script : places::stack_script) + " " + verb + " " + part;
  const int status = std::system((command + " >/dev/null").c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error("failed: " + command);
}

// A zombie is gone for all that a test cares about; it may have no parent that reaps it.
bool is_gone(pid_t pid) {
  if (kill(pid, 0) != 0 && errno == ESRCH) return true;
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(stat, line)) return true;
  const auto name_end = line.rfind(") ");
  return name_end != std::string::npos && line[name_end + 2] == 'Z';
}

std::string log_path(const std::string& part) {
  const std::string name = part == "postgres" ? "postgresql" : part;
  return setting("EVENTLY_HOME") + "/log/" + name + ".log";
}

}  // namespace

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0')
    throw std::runtime_error(std::string(name) +
                             " is not set: start a stack and source its env file first");
  return value;
}

bool redis_runs() {
  return std::getenv("EVENTLY_TEST_WITHOUT_REDIS") == nullptr;
}

void start_part(const std::string& part) {
  run_stack_script("start", part);
}

void stop_part(const std::string& part) {
  run_stack_script("stop", part);
}

pid_t part_pid(const std::string& part) {
  std::ifstream file(setting("EVENTLY_HOME") + "/pids/" + part);
  pid_t pid = 0;
  if (!(file >> pid) || pid <= 1) throw std::runtime_error("no process of " + part);
  return pid;
}

void kill_part(const std::string& part) {
  const pid_t pid = part_pid(part);
  if (kill(pid, SIGKILL) != 0) throw std::runtime_error("cannot kill " + part);
  if (!eventually_true(Milliseconds(5000), part + " lives on", [pid] { return is_gone(pid); }))
    throw std::runtime_error("cannot kill " + part);
}

Frozen::Frozen(pid_t pid) : pid_(pid) {
  if (kill(pid_, SIGSTOP) != 0) throw std::runtime_error("cannot freeze a process");
}

Frozen::~Frozen() {
  kill(pid_, SIGCONT);
}

PartRestored::~PartRestored() {
  try {
    start_part(part_);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    ADD_FAILURE() << "cannot start " << part_ << " again";
  }
}

std::string part_log(const std::string& part, std::size_t from_byte) {
  return read_file(log_path(part), from_byte);
}

std::size_t part_log_bytes(const std::string& part) {
  return std::filesystem::file_size(log_path(part));
}

std::string read_file(const std::string& path, std::size_t from_byte) {
  std::ifstream file(path, std::ios::binary);
  if (!file.seekg(static_cast<std::streamoff>(from_byte)))
    throw std::runtime_error("cannot read " + path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

}  // namespace evently
