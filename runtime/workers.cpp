#include "runtime/workers.h"

#include <atomic>
#include <exception>
#include <memory>

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

bool Workers::run(Clock::time_point begin_by, const std::function<void()>& work) {
  if (Coroutine::current() == nullptr) {
    work();
    return true;
  }
  WakeSignal done;
  const auto job = std::make_shared<Job>();
  job->done = &done;
  submit([job, &work, luggage = Coroutine::luggage] {
    if (!job->becomes(Job::State::begun)) return;
    Coroutine::luggage = luggage;
    try {
      work();
    } catch (...) {
      job->failure = std::current_exception();
    }
    Coroutine::luggage = nullptr;
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
