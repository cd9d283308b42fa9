#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/spawn.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>
#include <cassert>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "runtime/luggage.h"

namespace evently {

class WakeSignal;

// One thread that runs coroutines, one at a time. Nothing on it may block: see run_on_worker().
class Loop {
 public:
  Loop() = default;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Begins `body` as a coroutine, on the thread of this loop. It must not throw.
  void spawn(std::function<void()> body);

  // Wakes the coroutines of this loop that wait for these, all at one go. From any thread.
  void wake(WakeSignal* const* first, WakeSignal* const* last);

  boost::asio::io_context& io() { return io_; }

 private:
  void wake_up_now();

  boost::asio::io_context io_{1};
  // The deepest frames are those of the JSON parser and of the log.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr std::size_t stack_bytes = 1024 * 1024;
#else
  static constexpr std::size_t stack_bytes = 128 * 1024;
#endif
#ifdef EVENTLY_GUARDED_STACKS
  boost::context::protected_fixedsize_stack stacks_{stack_bytes};  // an overflow ends the program
#else
  boost::context::pooled_fixedsize_stack stacks_{stack_bytes};
#endif
  std::mutex mutex_;  // guards to_wake_
  std::vector<WakeSignal*> to_wake_;
  std::vector<WakeSignal*> waking_;  // of the loop's thread alone
};

// The coroutine that a thread runs. Whatever suspends it does so by await(), because what a thread
// knows of the request that it serves must follow the coroutine, not the thread.
class Coroutine {
 public:
  Coroutine(Loop& loop, boost::asio::yield_context yield) : loop_(loop), yield_(std::move(yield)) {}
  Coroutine(const Coroutine&) = delete;
  Coroutine& operator=(const Coroutine&) = delete;

  // Null on a thread that is no loop's.
  static Coroutine* current() { return current_; }

  Loop& loop() { return loop_; }

  // Starts an operation of Asio, given its completion token, and returns its result when it is
  // done.
  template <class Start>
  auto await(const Start& start) {
    assert(current_ == this);
    const Departure departure(this);
    return start(yield_);
  }

 private:
  friend class Loop;

  class Departure {
   public:
    explicit Departure(Coroutine* self) : self_(self), luggage_(luggage) { current_ = nullptr; }
    ~Departure() {
      current_ = self_;
      luggage = luggage_;
    }
    Departure(const Departure&) = delete;
    Departure& operator=(const Departure&) = delete;

   private:
    Coroutine* const self_;
    void* const luggage_;
  };

  static inline thread_local Coroutine* current_ = nullptr;
  Loop& loop_;
  boost::asio::yield_context yield_;
};

}  // namespace evently
