#include "api/rendering/fresh_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/redis_process.h"

namespace evently {
namespace {

using std::chrono::milliseconds;
using Cache = FreshCache<int, std::string>;

constexpr milliseconds for_ever{3'600'000};
constexpr milliseconds long_enough{10'000};

class FreshCacheTest : public testing::Test {
 protected:
  Workers workers{4};

  Cache::Load counted() {
    return [this](int key) -> Cache::Answer {
      StatementTrace::add({"s-" + std::to_string(++loads)});
      if (key < 0) return nullptr;
      return std::make_shared<std::string>(std::to_string(key));
    };
  }
  std::string get(Cache& cache, int key) {
    ids.clear();
    const StatementTrace trace(ids);
    const Cache::Answer answer = cache.get(key);
    return answer ? *answer : "nothing";
  }

  std::atomic<int> loads{0};
  StatementIds ids;
};

TEST_F(FreshCacheTest, LoadsOnceWhileFresh) {
  Cache cache({for_ever, 10, long_enough}, workers, counted());
  EXPECT_EQ(get(cache, 7), "7");
  EXPECT_EQ(ids, StatementIds{"s-1"});
  EXPECT_EQ(get(cache, 7), "7");
  EXPECT_EQ(ids, StatementIds{}) << "no statement was run";
  EXPECT_EQ(get(cache, 8), "8");
  EXPECT_EQ(loads, 2);
}

TEST_F(FreshCacheTest, IsFreshForAMomentOnly) {
  Cache cache({milliseconds(5), 10, long_enough}, workers, counted());
  get(cache, 7);
  EXPECT_TRUE(eventually(
      [&] {
        get(cache, 7);
        return loads > 1;
      },
      long_enough));
}

TEST_F(FreshCacheTest, NothingIsNotKept) {
  Cache cache({for_ever, 10, long_enough}, workers, counted());
  EXPECT_EQ(get(cache, -1), "nothing");
  EXPECT_EQ(get(cache, -1), "nothing");
  EXPECT_EQ(loads, 2);
}

TEST_F(FreshCacheTest, ForgetsOneAndAll) {
  Cache cache({for_ever, 10, long_enough}, workers, counted());
  get(cache, 7);
  get(cache, 8);
  cache.forget(7);
  get(cache, 7);
  get(cache, 8);
  EXPECT_EQ(loads, 3);
  cache.forget_all();
  get(cache, 7);
  get(cache, 8);
  EXPECT_EQ(loads, 5);
}

TEST_F(FreshCacheTest, IsBounded) {
  Cache cache({for_ever, 3, long_enough}, workers, counted());
  for (int key = 0; key < 3; ++key) get(cache, key);
  for (int key = 0; key < 3; ++key) get(cache, key);
  EXPECT_EQ(loads, 3);
  get(cache, 3);
  get(cache, 3);
  get(cache, 0);
  EXPECT_EQ(loads, 5) << "one more than fit, and all the others went";
}

// What was read before a change must not be handed out after it, however late it comes.
TEST_F(FreshCacheTest, AChangeDuringTheLoadIsNotMissed) {
  for (const bool all : {false, true}) {
    Cache* itself = nullptr;
    std::atomic<int> seats{5};
    Cache cache({for_ever, 10, long_enough}, workers, [&](int) {
      auto read = std::make_shared<std::string>(std::to_string(seats));
      if (seats.exchange(4) == 5) all ? itself->forget_all() : itself->forget(7);
      return read;
    });
    itself = &cache;
    EXPECT_EQ(get(cache, 7), "5") << "it was asked before the change";
    EXPECT_EQ(get(cache, 7), "4");
  }
}

TEST_F(FreshCacheTest, ManyWhoMissShareALoad) {
  constexpr int callers = 16;
  std::promise<void> entered;
  std::promise<void> opened;
  Cache cache({for_ever, 10, long_enough}, workers, [&](int) {
    if (++loads == 1) {
      entered.set_value();
      opened.get_future().wait();
      throw std::runtime_error("the first load fails");
    }
    return std::make_shared<std::string>("answer");
  });
  std::thread first([&] { EXPECT_THROW(cache.get(7), std::runtime_error); });
  entered.get_future().wait();
  std::vector<std::thread> threads;
  for (int i = 0; i < callers; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(*cache.get(7), "answer"); });
  }
  opened.set_value();
  first.join();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(loads, 2) << "those who came during it did not fail with it";
}

TEST_F(FreshCacheTest, ACallThatWaitsTooLongIsTold) {
  std::promise<void> entered;
  std::promise<void> opened;
  Cache cache({for_ever, 10, milliseconds(300)}, workers, [&](int) -> Cache::Answer {
    entered.set_value();
    opened.get_future().wait();
    return nullptr;
  });
  std::thread first([&] { cache.get(7); });
  entered.get_future().wait();
  EXPECT_THROW(get(cache, 7), Busy);
  opened.set_value();
  first.join();
}

}  // namespace
}  // namespace evently
