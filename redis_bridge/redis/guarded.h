#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "redis_bridge/redis/connection.h"
#include "redis_bridge/redis/redis_url.h"
#include "runtime/circuit_breaker.h"
#include "runtime/pool.h"

namespace evently {

// Redis for callers that can do without: a bounded pool and a breaker, so that no caller waits
// longer than the timeout, and hardly at all while Redis is out. Thread-safe, never throws.
class GuardedRedis {
 public:
  // `outage` is what the log says when Redis goes out. `errors`, which outlives this, counts those
  // of any command; what the breaker spares is none.
  GuardedRedis(RedisUrl url, std::size_t pool_size, std::chrono::milliseconds timeout,
               const char* outage, std::atomic<std::uint64_t>& errors)
      : timeout_(timeout),
        outage_(outage),
        errors_(errors),
        pool_(pool_size,
              [url = std::move(url)] { return std::make_unique<RedisConnection>(url); }) {}

  // True when Redis was asked and `use` came to its end.
  template <class Use>
  bool run(const Use& use) noexcept {
    const auto start = CircuitBreaker::Clock::now();
    if (!breaker_.allow(start)) return false;
    try {
      // Half for the wait, so that a slow pool leaves Redis the time to show that it is well.
      auto lease = pool_.lease(timeout_ / 2);
      if (!lease) {
        ++errors_;
        return false;
      }
      (*lease)->set_deadline(start + timeout_);
      try {
        use(**lease);
      } catch (const RedisError& error) {
        if (error.connection_lost()) {
          lease->discard();
          pool_.discard_idle();  // a restarted Redis has closed them all
        }
        throw;
      } catch (...) {
        lease->discard();  // there is no telling which reply would come next
        throw;
      }
      succeeded();
      return true;
    } catch (const std::exception& error) {
      failed(error.what());
      return false;
    }
  }

  bool breaker_open() const { return breaker_.open(); }

 private:
  void succeeded();
  void failed(const char* what) noexcept;

  const std::chrono::milliseconds timeout_;
  const char* const outage_;
  std::atomic<std::uint64_t>& errors_;
  Pool<RedisConnection> pool_;
  CircuitBreaker breaker_;
};

}  // namespace evently
