#include "tests/support/redis_process.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "tests/support/taken_port.h"

namespace evently {
namespace {

constexpr std::chrono::seconds start_limit{20};

// True once Redis says on its log that it is ready; false when it has ended instead.
bool says_ready(int log) {
  const auto deadline = std::chrono::steady_clock::now() + start_limit;
  std::string text;
  pollfd watched{log, POLLIN, 0};
  while (text.find("Ready to accept connections") == std::string::npos) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (poll(&watched, 1, static_cast<int>(left.count())) <= 0) continue;
    char piece[4096];
    const ssize_t length = read(log, piece, sizeof piece);
    if (length <= 0) return false;
    text.append(piece, static_cast<std::size_t>(length));
  }
  return true;
}

}  // namespace

RedisProcess::RedisProcess(std::vector<std::string> extra_arguments)
    : extra_arguments_(std::move(extra_arguments)) {
  signal(SIGPIPE, SIG_IGN);  // as both programs do
  for (int attempt = 0; attempt < 5; ++attempt) {
    port_ = TakenPort().number();  // another process may take it before Redis does
    if (start()) return;
  }
  throw std::runtime_error("redis-server does not start");
}

bool RedisProcess::start() {
  std::vector<std::string> arguments{"redis-server",
                                     "--port",
                                     std::to_string(port_),
                                     "--bind",
                                     "127.0.0.1",
                                     "--save",
                                     "",
                                     "--appendonly",
                                     "no",
                                     "--dir",
                                     "/"};
  arguments.insert(arguments.end(), extra_arguments_.begin(), extra_arguments_.end());
  std::vector<char*> texts;
  for (std::string& argument : arguments) texts.push_back(argument.data());
  texts.push_back(nullptr);

  int log[2];
  if (pipe2(log, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    dup2(log[1], STDOUT_FILENO);
    execvp(texts[0], texts.data());
    _exit(127);
  }
  close(log[1]);
  const bool ready = pid_ > 0 && says_ready(log[0]);
  close(log[0]);
  if (!ready) end();
  return ready;
}

void RedisProcess::end() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisProcess::restart() {
  end();
  if (!start()) throw std::runtime_error("redis-server does not start again");
}

void RedisProcess::pause() {
  kill(pid_, SIGSTOP);
  waitpid(pid_, nullptr, WUNTRACED);
}

void RedisProcess::resume() {
  kill(pid_, SIGCONT);
}

RedisUrl RedisProcess::url() const {
  RedisUrl url;
  url.host = "127.0.0.1";
  url.port = port_;
  return url;
}

std::string RedisProcess::ask(const std::vector<std::string>& command) const {
  RedisConnection connection(url());
  connection.set_deadline(RedisConnection::Clock::now() + std::chrono::seconds(10));
  const auto reply = connection.command(command);
  if (reply->type == REDIS_REPLY_INTEGER) return std::to_string(reply->integer);
  if (reply->type == REDIS_REPLY_NIL) return "nil";
  return std::string(reply->str, reply->len);
}

}  // namespace evently
