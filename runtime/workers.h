#pragma once

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace evently {

// The threads that may block: on PostgreSQL, and on Redis. What waits for them is bounded by the
// calls that are under way, as each waits for one job at most.
class Workers {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Workers(std::size_t threads) : pool_(threads) {}
  ~Workers() { finish(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Returns when all jobs are done. Before what they work on goes away.
  void finish() { pool_.join(); }

  // Runs the job later. It must not throw.
  template <class Job>
  void submit(Job&& job) {
    boost::asio::post(pool_, std::forward<Job>(job));
  }

  // Runs the work and returns when it is done: on a worker while the calling coroutine is
  // suspended, whose luggage the worker has meanwhile; at once and here when a thread calls. False:
  // no worker had begun it in time, and none will. Throws what the work throws.
  bool run(Clock::time_point begin_by, const std::function<void()>& work);

  // The same without a limit, for work that itself waits no longer than some milliseconds. Returns
  // what the work returns.
  template <class Function>
  auto run(const Function& work) {
    std::optional<std::invoke_result_t<const Function&>> result;
    run(Clock::time_point::max(), [&] { result.emplace(work()); });
    return std::move(*result);
  }

 private:
  boost::asio::thread_pool pool_;
};

}  // namespace evently
