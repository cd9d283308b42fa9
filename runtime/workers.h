#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace evently {

// The threads that may block: on PostgreSQL, and on Redis. What waits for them is bounded by the
// calls that are under way, as each waits for one job at most.
class Workers {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Workers(std::size_t threads);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Returns when all jobs are done. Before what they work on goes away.
  void finish();

  // Runs the job later. It must not throw.
  void submit(std::function<void()> job);

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
  struct Threads;  // Asio's, which few files should have to read
  const std::unique_ptr<Threads> threads_;
};

}  // namespace evently
