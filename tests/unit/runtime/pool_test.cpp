#include "runtime/pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

namespace evently {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Thing {
  explicit Thing(int thing_number) : number(thing_number) { ++alive; }
  ~Thing() { --alive; }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;

  static inline std::atomic<int> alive{0};
  const int number;
  std::atomic<int> users{0};
};

class PoolTest : public testing::Test {
 protected:
  Pool<Thing>::Factory factory() {
    return [this] { return std::make_unique<Thing>(++made); };
  }
  void TearDown() override { EXPECT_EQ(Thing::alive, 0) << "nothing outlives its pool"; }

  std::atomic<int> made{0};
};

TEST_F(PoolTest, MakesThingsOnDemandAndLendsTheLatestFirst) {
  Pool<Thing> pool(3, factory());
  EXPECT_EQ(made, 0);
  {
    auto first = pool.lease(milliseconds(0));
    auto second = pool.lease(milliseconds(0));
    ASSERT_TRUE(first && second);
    EXPECT_EQ((*first)->number, 1);
    EXPECT_EQ((**second).number, 2);
    EXPECT_EQ(pool.in_use(), 2u);
    second.reset();
    EXPECT_EQ(pool.in_use(), 1u);
  }
  EXPECT_EQ(pool.in_use(), 0u);
  auto again = pool.lease(milliseconds(0));
  EXPECT_EQ((*again)->number, 1) << "given back last";
  EXPECT_EQ(made, 2);
  EXPECT_EQ(pool.size(), 3u);
}

TEST_F(PoolTest, HasNothingToLendBeyondItsSize) {
  Pool<Thing> pool(1, factory());
  auto only = pool.lease(milliseconds(0));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(pool.lease(milliseconds(30)));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(30));
  EXPECT_EQ(made, 1);
}

TEST_F(PoolTest, WaitsForOneToBeGivenBack) {
  Pool<Thing> pool(1, factory());
  auto lease = pool.lease(milliseconds(0));
  std::promise<void> waiting;
  auto waiter = std::async(std::launch::async, [&] {
    waiting.set_value();
    return pool.lease(seconds(30)).has_value();
  });
  waiting.get_future().wait();
  lease.reset();
  ASSERT_EQ(waiter.wait_for(seconds(10)), std::future_status::ready);
  EXPECT_TRUE(waiter.get());
}

TEST_F(PoolTest, ADiscardedThingIsDestroyedAndItsPlaceIsFree) {
  Pool<Thing> pool(1, factory());
  auto lease = pool.lease(milliseconds(0));
  lease->discard();
  EXPECT_EQ(Thing::alive, 0);
  EXPECT_EQ(pool.in_use(), 0u);
  auto next = pool.lease(milliseconds(0));
  ASSERT_TRUE(next);
  EXPECT_EQ((*next)->number, 2);
  lease.reset();
  EXPECT_EQ(pool.in_use(), 1u) << "the empty lease gave nothing back a second time";
}

TEST_F(PoolTest, DiscardsTheIdleOnly) {
  Pool<Thing> pool(2, factory());
  auto kept = pool.lease(milliseconds(0));
  pool.lease(milliseconds(0)).reset();
  EXPECT_EQ(Thing::alive, 2);
  pool.discard_idle();
  EXPECT_EQ(Thing::alive, 1);
  EXPECT_EQ((*kept)->number, 1);
  EXPECT_EQ((*pool.lease(milliseconds(0)))->number, 3);
}

TEST_F(PoolTest, LendsACertainThingOnlyWhileItIsIdle) {
  Pool<Thing> pool(2, factory());
  const auto number_one = [](const Thing& thing) { return thing.number == 1; };
  EXPECT_FALSE(pool.lease_idle(number_one)) << "none was made yet, and none is made for this";
  auto one = pool.lease(milliseconds(0));
  EXPECT_FALSE(pool.lease_idle(number_one)) << "it is lent";
  auto two = pool.lease(milliseconds(0));
  one.reset();
  two.reset();
  auto again = pool.lease_idle(number_one);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->number, 1) << "though the other came back later";
  EXPECT_EQ(pool.in_use(), 1u);
  auto other = pool.lease(milliseconds(0));
  ASSERT_TRUE(other);
  EXPECT_EQ((*other)->number, 2);
  EXPECT_FALSE(pool.lease(milliseconds(0))) << "it takes a place as any lease does";
  again.reset();
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_EQ(made, 2);
}

TEST_F(PoolTest, AFactoryThatThrowsFreesThePlace) {
  bool broken = true;
  Pool<Thing> pool(1, [&] {
    if (broken) throw std::runtime_error("no connection");
    return std::make_unique<Thing>(++made);
  });
  for (int i = 0; i < 3; ++i) EXPECT_THROW(pool.lease(milliseconds(0)), std::runtime_error);
  EXPECT_EQ(pool.in_use(), 0u);
  broken = false;
  EXPECT_TRUE(pool.lease(milliseconds(0)));
}

TEST_F(PoolTest, AFactoryThatThrowsWakesAWaiter) {
  std::promise<void> entered, leave;
  std::atomic<int> calls{0};
  Pool<Thing> pool(1, [&] {
    if (++calls == 1) {
      entered.set_value();
      leave.get_future().wait();
      throw std::runtime_error("no connection");
    }
    return std::make_unique<Thing>(++made);
  });
  auto failing = std::async(std::launch::async, [&] { pool.lease(milliseconds(0)); });
  entered.get_future().wait();
  auto waiter = std::async(std::launch::async, [&] { return pool.lease(seconds(30)).has_value(); });
  leave.set_value();
  EXPECT_THROW(failing.get(), std::runtime_error);
  ASSERT_EQ(waiter.wait_for(seconds(10)), std::future_status::ready);
  EXPECT_TRUE(waiter.get());
}

TEST_F(PoolTest, AMovedLeaseGivesBackOnce) {
  Pool<Thing> pool(2, factory());
  auto first = pool.lease(milliseconds(0));
  auto second = pool.lease(milliseconds(0));
  *first = std::move(*second);
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_EQ((*first)->number, 2);
}

TEST_F(PoolTest, ManyThreadsNeverShareAThing) {
  constexpr int threads = 16, rounds = 2000, size = 3;
  Pool<Thing> pool(size, factory());
  std::atomic<int> shared{0}, refused{0};
  std::vector<std::thread> workers;
  for (int t = 0; t < threads; ++t) {
    workers.emplace_back([&, t] {
      for (int i = 0; i < rounds; ++i) {
        auto lease = pool.lease(seconds(30));
        if (!lease) {
          ++refused;
          continue;
        }
        if (++(*lease)->users != 1) ++shared;
        --(*lease)->users;
        if ((i + t) % 100 == 0) lease->discard();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(shared, 0);
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_LE(Thing::alive, size);
}

}  // namespace
}  // namespace evently
