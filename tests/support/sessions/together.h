#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace evently {

// Calls work(0) ... work(count - 1), each on a thread of its own, all let go at the same moment.
// Rethrows the first exception.
template <class Work>
void together(std::size_t count, const Work& work) {
  std::mutex mutex;
  std::condition_variable go;
  std::size_t waiting = 0;
  std::exception_ptr failure;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] {
      {
        std::unique_lock lock(mutex);
        if (++waiting == count) go.notify_all();
        go.wait(lock, [&] { return waiting == count; });
      }
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace evently
