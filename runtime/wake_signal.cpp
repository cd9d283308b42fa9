#include "runtime/wake_signal.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <ctime>
#include <system_error>

#include "runtime/loop.h"

namespace evently {

struct WakeSignal::Timer : boost::asio::steady_timer {
  using basic_waitable_timer::basic_waitable_timer;
};

WakeSignal::WakeSignal() : coroutine_(Coroutine::current()) {
  if (coroutine_ != nullptr) {
    timer_ = std::make_unique<Timer>(coroutine_->loop().io());
  } else if (sem_init(&semaphore_, 0, 0) != 0) {
    throw std::system_error(errno, std::generic_category(), "sem_init");
  }
}

WakeSignal::~WakeSignal() {
  if (coroutine_ == nullptr) sem_destroy(&semaphore_);
}

void WakeSignal::post_all(std::vector<WakeSignal*> signals) {
  const auto loop_of = [](const WakeSignal* signal) {
    return signal->coroutine_ == nullptr ? nullptr : &signal->coroutine_->loop();
  };
  std::stable_sort(signals.begin(), signals.end(), [&](WakeSignal* a, WakeSignal* b) {
    return std::less<>()(loop_of(a), loop_of(b));
  });
  for (auto first = signals.begin(); first != signals.end();) {
    Loop* const loop = loop_of(*first);
    const auto last = std::find_if(first, signals.end(),
                                   [&](WakeSignal* other) { return loop_of(other) != loop; });
    if (loop != nullptr) {
      loop->wake(&*first, &*first + (last - first));
    } else {
      std::for_each(first, last, [](WakeSignal* signal) { sem_post(&signal->semaphore_); });
    }
    first = last;
  }
}

bool WakeSignal::wait_until(Clock::time_point deadline) {
  if (coroutine_ == nullptr) return wait_on_thread(deadline);
  if (!posted_) {
    timer_->expires_at(deadline);
    boost::system::error_code cancelled;
    coroutine_->await([&](auto& yield) { timer_->async_wait(yield[cancelled]); });
  }
  return std::exchange(posted_, false);
}

void WakeSignal::resume() {
  posted_ = true;
  timer_->cancel();
}

bool WakeSignal::wait_on_thread(Clock::time_point deadline) {
  if (deadline == Clock::time_point::max()) {
    while (sem_wait(&semaphore_) != 0) {  // a signal handler ran
    }
    return true;
  }
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

}  // namespace evently
