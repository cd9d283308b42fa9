// Coroutines on a loop, what wakes them, and the workers that they wait for.
#include "runtime/loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "runtime/wake_signal.h"
#include "runtime/workers.h"

namespace evently {
namespace {

using std::chrono::milliseconds;
using Clock = WakeSignal::Clock;

constexpr milliseconds long_enough{10'000};

// Runs the coroutines on a loop of their own until all have ended.
void run_all(const std::vector<std::function<void()>>& bodies) {
  Loop loop;
  for (const auto& body : bodies) loop.spawn(body);
  loop.io().run();
}

TEST(Loop, RunsCoroutinesWhileOthersAreSuspended) {
  std::string order;
  WakeSignal* signal = nullptr;
  run_all({[&] {
             WakeSignal mine;
             signal = &mine;
             order += "a";
             EXPECT_TRUE(mine.wait_until(Clock::now() + long_enough));
             order += "c";
           },
           [&] {
             order += "b";
             signal->post();
           }});
  EXPECT_EQ(order, "abc");
}

TEST(Loop, LuggageFollowsTheCoroutine) {
  int mine = 0, yours = 0;
  const auto keeps = [](int& own) {
    return [&own] {
      EXPECT_EQ(luggage, nullptr) << "what the one before left";
      luggage = &own;
      for (int i = 0; i < 3; ++i) {
        pause_for(milliseconds(1));
        EXPECT_EQ(luggage, &own);
        EXPECT_NE(Coroutine::current(), nullptr);
      }
    };
  };
  run_all({keeps(mine), keeps(yours)});
  EXPECT_EQ(Coroutine::current(), nullptr);
}

TEST(WakeSignal, IsTooLateOrEarlyEnough) {
  run_all({[] {
    WakeSignal signal;
    const auto start = Clock::now();
    EXPECT_FALSE(signal.wait_until(start + milliseconds(5)));
    EXPECT_GE(Clock::now() - start, milliseconds(5));
    std::thread([&] { signal.post(); }).join();
    EXPECT_TRUE(signal.wait_until(Clock::now() + long_enough)) << "posted before the wait";
    EXPECT_FALSE(signal.wait_until(Clock::now())) << "a post is for one wait";
  }});
}

// A batch is done: its calls are coroutines of several loops and threads.
TEST(WakeSignal, WakesManyOfSeveralLoopsAndThreads) {
  constexpr int each = 50;
  std::mutex mutex;
  std::vector<WakeSignal*> waiting;
  std::atomic<int> woken{0};
  const auto wait = [&] {
    WakeSignal signal;
    {
      const std::lock_guard lock(mutex);
      waiting.push_back(&signal);
    }
    if (signal.wait_until(Clock::now() + long_enough)) ++woken;
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] { run_all(std::vector<std::function<void()>>(each, wait)); });
  for (int i = 0; i < 3; ++i) threads.emplace_back(wait);
  std::vector<WakeSignal*> all;
  while (all.size() < 2 * each + 3) {
    std::this_thread::yield();
    const std::lock_guard lock(mutex);
    all = waiting;
  }
  WakeSignal::post_all(all);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(woken, 2 * each + 3);
}

TEST(Workers, WorkWhileTheCoroutineIsSuspended) {
  Workers workers(2);
  std::atomic<int> done{0};
  const auto loop_thread = std::this_thread::get_id();
  run_all(std::vector<std::function<void()>>(20, [&] {
    workers.run(Clock::time_point::max(), [&] {
      EXPECT_NE(std::this_thread::get_id(), loop_thread);
      EXPECT_EQ(Coroutine::current(), nullptr);
      ++done;
    });
    EXPECT_EQ(std::this_thread::get_id(), loop_thread);
  }));
  EXPECT_EQ(done, 20);
}

TEST(Workers, HaveTheLuggageOfTheCoroutine) {
  Workers workers(1);
  int mine = 0;
  run_all({[&] {
    luggage = &mine;
    EXPECT_EQ(workers.run([] { return luggage; }), &mine);
    EXPECT_EQ(luggage, &mine);
  }});
  run_all({[&] {
    EXPECT_EQ(workers.run([] { return luggage; }), nullptr) << "what the work before left";
  }});
}

TEST(Workers, RunHereWhatAThreadAsks) {
  Workers workers(1);
  std::thread::id here;
  EXPECT_TRUE(workers.run(Clock::time_point::min(), [&] { here = std::this_thread::get_id(); }));
  EXPECT_EQ(here, std::this_thread::get_id());
}

TEST(Workers, ThrowWhatTheWorkThrows) {
  Workers workers(1);
  run_all({[&] {
    EXPECT_THROW(
        workers.run(Clock::time_point::max(), [] { throw std::runtime_error("poisoned"); }),
        std::runtime_error);
  }});
}

// The one worker is busy: what it cannot begin in time it never begins.
TEST(Workers, GiveUpWhatCannotBeginInTime) {
  Workers workers(1);
  std::promise<void> opened;
  bool ran = false;
  workers.submit([&] { opened.get_future().wait(); });
  run_all({[&] {
    EXPECT_FALSE(workers.run(Clock::now() + milliseconds(5), [&] { ran = true; }));
    opened.set_value();
    EXPECT_TRUE(workers.run(Clock::now() + long_enough, [] {}));
  }});
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace evently
