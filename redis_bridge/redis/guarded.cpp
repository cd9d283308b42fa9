#include "redis_bridge/redis/guarded.h"

#include "runtime/log.h"

namespace evently {

void GuardedRedis::succeeded() {
  if (breaker_.success()) log(Level::info, "redis is back");
}

void GuardedRedis::failed(const char* what) noexcept {
  ++errors_;
  if (!breaker_.failure(CircuitBreaker::Clock::now())) return;
  try {
    log(Level::warning, outage_, {{"error", what}});
  } catch (const std::exception&) {
    return;  // only out of memory; the booking matters more than the line
  }
}

}  // namespace evently
