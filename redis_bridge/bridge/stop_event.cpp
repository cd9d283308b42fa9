#include "redis_bridge/bridge/stop_event.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace evently {
namespace {

// Rounded up, so that a wait of half a millisecond is not a busy loop.
int ms_until(StopEvent::Clock::time_point deadline) {
  const auto now = StopEvent::Clock::now();
  if (deadline <= now) return 0;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - now);
  return static_cast<int>(std::min<std::int64_t>(left.count(), 60'000));
}

}  // namespace

StopEvent::StopEvent() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopEvent::~StopEvent() {
  close(descriptor_);
}

void StopEvent::set() {
  const std::uint64_t one = 1;
  // Fails only when it is set beyond counting already.
  if (write(descriptor_, &one, sizeof one) < 0) return;
}

short StopEvent::wait(int socket, short events, Clock::time_point deadline) const {
  pollfd watched[] = {{descriptor_, POLLIN, 0}, {socket, events, 0}};  // poll skips a socket of -1
  while (true) {
    const int ready = poll(watched, 2, ms_until(deadline));
    if (ready < 0 && errno != EINTR) {
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    if (ready > 0) {
      if (watched[0].revents != 0) throw Stopped{};
      return watched[1].revents;
    }
    if (Clock::now() >= deadline) return 0;
  }
}

}  // namespace evently
