#include "tests/service/support/service_process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "tests/service/support/eventually.h"
#include "tests/service/support/http.h"
#include "tests/service/support/stack.h"

namespace evently {
namespace {

std::string program() {
  const char* named = std::getenv("EVENTLY_API_PROGRAM");
  return named != nullptr ? named : EVENTLY_API_PROGRAM;
}

ServiceProcess::Settings complete(ServiceProcess::Settings settings,
                                  const std::string& port_setting) {
  for (const char* name : {"DATABASE_URL", "REDIS_URL", "ADMIN_KEY"})
    if (settings.count(name) == 0) settings[name] = setting(name);
  if (settings.count(port_setting) == 0)
    settings[port_setting] = std::to_string(TakenPort().number());
  return settings;
}

std::vector<std::string> lines_of(const ServiceProcess::Settings& settings) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : settings) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<char*> pointers(std::vector<std::string>& lines) {
  std::vector<char*> result;
  for (std::string& line : lines) result.push_back(line.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace

TakenPort::TakenPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    close(socket_);
    throw std::runtime_error("no free port");
  }
  number_ = ntohs(address.sin_port);
}

TakenPort::~TakenPort() {
  close(socket_);
}

ServiceProcess::ServiceProcess(std::initializer_list<Settings::value_type> own_settings)
    : ServiceProcess(program(), "PORT", own_settings) {}

ServiceProcess::ServiceProcess(const std::string& program, const std::string& port_setting,
                               const Settings& own_settings) {
  const Settings settings = complete(own_settings, port_setting);
  url_ = "http://127.0.0.1:" + settings.at(port_setting);
  char log_path[] = "/tmp/evently-service-test-XXXXXX";
  const int log = mkstemp(log_path);
  if (log < 0) throw std::runtime_error("no log file");
  log_path_ = log_path;

  // Made before the fork: the child of a process with threads may not allocate.
  std::vector<std::string> arguments = {program};
  std::vector<std::string> environment = lines_of(settings);
  const auto argv = pointers(arguments);
  const auto envp = pointers(environment);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(log);
  const bool started = eventually_true(Milliseconds(10'000), "no answer", [this] {
    if (exit_status(Milliseconds(0))) return true;
    const auto reply = HttpClient(url_).try_send("GET", "/health");
    return reply && reply->status == 200;
  });
  if (started && !status_) return;
  const Ended ended(status_.value_or(-1), this->log());
  end();
  throw ended;
}

ServiceProcess::~ServiceProcess() {
  end();
}

void ServiceProcess::end() {
  if (!status_) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  unlink(log_path_.c_str());
}

void ServiceProcess::signal(int number) {
  kill(pid_, number);
}

std::optional<int> ServiceProcess::exit_status(Milliseconds wait) {
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

std::string ServiceProcess::log() const {
  return read_file(log_path_);
}

}  // namespace evently
