#include "runtime/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <utility>

namespace evently {
namespace {

constexpr int wake_signal = SIGUSR1;  // only ends sigwait for the destructor

}  // namespace

SignalThread::SignalThread(std::function<void()> on_stop, std::function<void()> on_reload)
    : on_stop_(std::move(on_stop)), on_reload_(std::move(on_reload)) {
  signal(SIGPIPE, SIG_IGN);
  sigemptyset(&signals_);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, wake_signal}) sigaddset(&signals_, number);
  pthread_sigmask(SIG_BLOCK, &signals_, &previous_mask_);
  thread_ = std::thread([this] { wait_for_signals(); });
}

SignalThread::~SignalThread() {
  finished_ = true;
  pthread_kill(thread_.native_handle(), wake_signal);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
}

void SignalThread::wait_for_signals() {
  bool stopping = false;
  while (true) {
    int number = 0;
    if (sigwait(&signals_, &number) != 0 || finished_) return;
    if (number == SIGHUP) {
      if (on_reload_) on_reload_();
    } else if (number != wake_signal) {
      if (stopping) _exit(128 + number);
      stopping = true;
      on_stop_();
    }
  }
}

}  // namespace evently
