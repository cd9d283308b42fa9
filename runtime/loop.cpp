#include "runtime/loop.h"

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "runtime/wake_signal.h"

namespace evently {

void Loop::spawn(std::function<void()> body) {
  boost::asio::spawn(
      io_.get_executor(), std::allocator_arg, stacks_,
      [this, body = std::move(body)](boost::asio::yield_context yield) {
        Coroutine coroutine(*this, std::move(yield));
        Coroutine::current_ = &coroutine;
        luggage = nullptr;
        body();
        Coroutine::current_ = nullptr;
      },
      [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);  // which ends the program
      });
}

void Loop::wake(WakeSignal* const* first, WakeSignal* const* last) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = to_wake_.empty();
    to_wake_.insert(to_wake_.end(), first, last);
  }
  if (is_first) boost::asio::post(io_, [this] { wake_up_now(); });
}

void Loop::wake_up_now() {
  {
    const std::lock_guard lock(mutex_);
    waking_.swap(to_wake_);
  }
  for (WakeSignal* signal : waking_) signal->resume();
  waking_.clear();
}

}  // namespace evently
