#pragma once

#include <signal.h>

#include <atomic>
#include <functional>
#include <thread>

namespace evently {

// Turns SIGTERM, SIGINT and SIGHUP into calls on a thread of its own, where everything is allowed.
// Construct it before any other thread, so that all inherit the blocked signals. The first TERM or
// INT calls on_stop, which must return soon: the second one ends the process at once. SIGPIPE is
// ignored.
class SignalThread {
 public:
  explicit SignalThread(std::function<void()> on_stop, std::function<void()> on_reload = {});
  ~SignalThread();
  SignalThread(const SignalThread&) = delete;
  SignalThread& operator=(const SignalThread&) = delete;

 private:
  void wait_for_signals();

  std::function<void()> on_stop_;
  std::function<void()> on_reload_;
  sigset_t signals_{};
  sigset_t previous_mask_{};
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

}  // namespace evently
