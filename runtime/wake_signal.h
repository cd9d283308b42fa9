#pragma once

#include <semaphore.h>

#include <chrono>
#include <memory>
#include <vector>

namespace evently {

class Coroutine;

// One waits, another wakes it, once for each wait: a coroutine, which is suspended meanwhile, or a
// thread. The one who waits is the one who made it, and may destroy it as soon as its wait has
// returned, even while post() is on its way out.
class WakeSignal {
 public:
  using Clock = std::chrono::steady_clock;

  WakeSignal();
  ~WakeSignal();
  WakeSignal(const WakeSignal&) = delete;
  WakeSignal& operator=(const WakeSignal&) = delete;

  // From any thread.
  void post() { post_all({this}); }
  // The same for many: each loop is woken once for all of its own.
  static void post_all(std::vector<WakeSignal*> signals);

  void wait() { wait_until(Clock::time_point::max()); }
  // False when the deadline has passed without a post.
  bool wait_until(Clock::time_point deadline);

 private:
  friend class Loop;
  bool wait_on_thread(Clock::time_point deadline);
  void resume();  // on the loop

  struct Timer;                 // Asio's, which few files should have to read
  Coroutine* const coroutine_;  // null: a thread waits
  std::unique_ptr<Timer> timer_;
  bool posted_ = false;  // to a coroutine; of the loop's thread alone
  // A POSIX semaphore, because a condition variable must outlive its notifier.
  sem_t semaphore_;
};

// Lets time pass, for the coroutine or the thread that calls it.
inline void pause_for(std::chrono::milliseconds time) {
  WakeSignal().wait_until(WakeSignal::Clock::now() + time);
}

}  // namespace evently
