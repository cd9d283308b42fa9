#pragma once

#include <chrono>

namespace evently {

// Thrown out of a wait once the program has been told to stop.
struct Stopped {};

// Tells waits on sockets to stop. Set from any thread, never taken back.
class StopEvent {
 public:
  using Clock = std::chrono::steady_clock;

  StopEvent();
  ~StopEvent();
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;

  void set();

  // Waits until the socket has one of the events of poll(2), which it returns, or until the
  // deadline has passed: 0. Without a socket (-1) it only waits. Throws Stopped.
  short wait(int socket, short events, Clock::time_point deadline) const;

  // Throws Stopped once set() was called.
  void check() const { wait(-1, 0, Clock::time_point::min()); }

 private:
  int descriptor_;
};

}  // namespace evently
