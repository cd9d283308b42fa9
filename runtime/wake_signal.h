#pragma once

#include <semaphore.h>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <cerrno>
#include <chrono>
#include <ctime>
#include <system_error>

namespace evently {

// One thread waits, another wakes it, once for each wait. A POSIX semaphore, because the waiter may
// destroy it as soon as its wait has returned, even while post() is on its way out: a condition
// variable must outlive its notifier.
class WakeSignal {
 public:
  WakeSignal() {
    if (sem_init(&semaphore_, 0, 0) != 0) {
      throw std::system_error(errno, std::generic_category(), "sem_init");
    }
  }
  ~WakeSignal() { sem_destroy(&semaphore_); }
  WakeSignal(const WakeSignal&) = delete;
  WakeSignal& operator=(const WakeSignal&) = delete;

  void post() { sem_post(&semaphore_); }

  void wait() {
    while (sem_wait(&semaphore_) != 0) {  // a signal handler ran
    }
  }

  // False when the deadline has passed without a post.
  bool wait_until(std::chrono::steady_clock::time_point deadline) {
    const auto since_boot = deadline.time_since_epoch();
    const auto whole_s = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    timespec until{};
    until.tv_sec = whole_s.count();
    until.tv_nsec = std::chrono::nanoseconds(since_boot - whole_s).count();
    while (sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &until) != 0) {
      if (errno != EINTR) return false;
    }
#ifdef __SANITIZE_THREAD__
    __tsan_acquire(&semaphore_);  // TSan knows sem_post and sem_wait, but not sem_clockwait
#endif
    return true;
  }

 private:
  sem_t semaphore_;
};

}  // namespace evently
