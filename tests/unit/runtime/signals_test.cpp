#include "runtime/signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <future>

namespace evently {
namespace {

constexpr std::chrono::seconds limit{10};

// Signals belong to the process, so each case has one of its own, which tells by its status.
class SignalThreadDeathTest : public testing::Test {
 protected:
  void SetUp() override { testing::GTEST_FLAG(death_test_style) = "threadsafe"; }
};

[[noreturn]] void exit_by(std::future<void> event) {
  std::_Exit(event.wait_for(limit) == std::future_status::ready ? 0 : 1);
}

TEST_F(SignalThreadDeathTest, TheFirstSignalAsksToStop) {
  for (const int number : {SIGTERM, SIGINT}) {
    const auto run = [number] {
      std::promise<void> stopped;
      const SignalThread signals([&stopped] { stopped.set_value(); });
      kill(getpid(), number);
      exit_by(stopped.get_future());
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
  }
}

TEST_F(SignalThreadDeathTest, TheSecondSignalEndsTheProcess) {
  const auto run = [] {
    std::promise<void> stopped;
    const SignalThread signals([&stopped] { stopped.set_value(); });
    kill(getpid(), SIGTERM);
    stopped.get_future().wait_for(limit);
    kill(getpid(), SIGTERM);
    std::promise<void> never;
    exit_by(never.get_future());
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(128 + SIGTERM), "");
}

TEST_F(SignalThreadDeathTest, HangUpReloadsAndDoesNotStop) {
  const auto run = [] {
    std::promise<void> reloaded;
    const SignalThread signals([] { std::_Exit(1); }, [&reloaded] { reloaded.set_value(); });
    kill(getpid(), SIGHUP);
    exit_by(reloaded.get_future());
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

TEST_F(SignalThreadDeathTest, EndsByItselfAndLeavesSignalsAsTheyWere) {
  const auto run = [] {
    {
      const SignalThread signals([] {});
    }
    kill(getpid(), SIGTERM);
    std::_Exit(0);
  };
  EXPECT_EXIT(run(), testing::KilledBySignal(SIGTERM), "");
}

TEST_F(SignalThreadDeathTest, ABrokenPipeIsAnError) {
  const auto run = [] {
    const SignalThread signals([] {});
    int ends[2];
    if (pipe(ends) != 0) std::_Exit(1);
    close(ends[0]);
    std::_Exit(write(ends[1], "x", 1) == -1 && errno == EPIPE ? 0 : 1);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace evently
