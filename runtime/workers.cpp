#include "runtime/workers.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "runtime/loop.h"
#include "runtime/luggage.h"
#include "runtime/wake_signal.h"

namespace evently {
namespace {

// Of one run(): it outlives the call when the call has given up before a worker came to it.
struct Job {
  enum class State { waiting, begun, given_up };
  std::atomic<State> state{State::waiting};
  WakeSignal* done = nullptr;
  std::exception_ptr failure;

  bool becomes(State wanted) {
    State expected = State::waiting;
    return state.compare_exchange_strong(expected, wanted);
  }
};

}  // namespace

struct Workers::Threads : boost::asio::thread_pool {
  using thread_pool::thread_pool;
};

Workers::Workers(std::size_t threads) : threads_(std::make_unique<Threads>(threads)) {}

Workers::~Workers() {
  finish();
}

void Workers::finish() {
  threads_->join();
}

void Workers::submit(std::function<void()> job) {
  boost::asio::post(*threads_, std::move(job));
}

bool Workers::run(Clock::time_point begin_by, const std::function<void()>& work) {
  if (Coroutine::current() == nullptr) {
    work();
    return true;
  }
  WakeSignal done;
  const auto job = std::make_shared<Job>();
  job->done = &done;
  submit([job, &work, theirs = luggage] {
    if (!job->becomes(Job::State::begun)) return;
    luggage = theirs;
    try {
      work();
    } catch (...) {
      job->failure = std::current_exception();
    }
    luggage = nullptr;
    job->done->post();
  });
  if (!done.wait_until(begin_by)) {
    if (job->becomes(Job::State::given_up)) return false;
    done.wait();
  }
  if (job->failure) std::rethrow_exception(job->failure);
  return true;
}

}  // namespace evently
