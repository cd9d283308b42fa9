#include "runtime/combiner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "runtime/loop.h"
#include "tests/support/polling.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

struct Item {
  int number = 0;
  int answer = 0;
};
using IntCombiner = Combiner<int, Item>;
using Outcome = IntCombiner::Outcome;

constexpr milliseconds long_enough{10'000};
constexpr IntCombiner::Limits roomy{256, 1024, long_enough};

class CombinerTest : public testing::Test {
 protected:
  Workers workers{4};
};

// Lets a test decide when a batch of key 1 comes to its end.
class Gate {
 public:
  void pass() {
    entered_.set_value();
    opened_.get_future().wait();
  }
  void await_entry() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
};

TEST_F(CombinerTest, AnIdleKeyIsServedAtOnceByAWorker) {
  const auto caller = std::this_thread::get_id();
  IntCombiner combiner(roomy, workers, [&](const int& key, const IntCombiner::Batch& batch) {
    EXPECT_NE(std::this_thread::get_id(), caller);
    ASSERT_EQ(batch.items.size(), 1u);
    batch.items[0]->answer = key + batch.items[0]->number;
  });
  Item item{5};
  EXPECT_EQ(combiner.run(10, item), Outcome::processed);
  EXPECT_EQ(item.answer, 15);
  EXPECT_EQ(combiner.keys(), 0u);
  EXPECT_EQ(combiner.queued(), 0u);
}

// What gathers behind a batch becomes the next one.
TEST_F(CombinerTest, CallsThatGatherAreOneBatchInTheirOrder) {
  Gate gate;
  std::vector<std::vector<int>> batches;
  IntCombiner combiner(roomy, workers, [&](const int&, const IntCombiner::Batch& batch) {
    if (batches.empty()) gate.pass();
    batches.emplace_back();
    for (const Item* item : batch.items) batches.back().push_back(item->number);
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&, i] {
      Item item{i};
      EXPECT_EQ(combiner.run(1, item), Outcome::processed);
    });
    if (i == 0) gate.await_entry();
    ASSERT_TRUE(
        eventually([&] { return combiner.queued() == static_cast<std::size_t>(i); }, long_enough));
  }
  gate.open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(batches, (std::vector<std::vector<int>>{{0}, {1, 2, 3, 4, 5, 6, 7, 8, 9}}));
  EXPECT_EQ(combiner.keys(), 0u) << "idle keys leave nothing behind";
}

TEST_F(CombinerTest, BatchesAreBounded) {
  constexpr std::size_t batch_max = 4;
  constexpr int calls = 21;
  Gate gate;
  std::vector<std::size_t> sizes;
  IntCombiner combiner({batch_max, 1024, long_enough}, workers,
                       [&](const int&, const IntCombiner::Batch& batch) {
                         if (sizes.empty()) gate.pass();
                         sizes.push_back(batch.items.size());
                       });
  std::vector<std::thread> threads;
  for (int i = 0; i < calls; ++i) {
    threads.emplace_back([&] {
      Item item;
      EXPECT_EQ(combiner.run(1, item), Outcome::processed);
    });
    if (i == 0) gate.await_entry();
  }
  ASSERT_TRUE(eventually([&] { return combiner.queued() == calls - 1; }, long_enough));
  gate.open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 4, 4, 4, 4, 4}));
}

TEST_F(CombinerTest, AQuietKeyDoesNotWaitForAHotOne) {
  Gate gate;
  IntCombiner combiner(roomy, workers, [&](const int& key, const IntCombiner::Batch&) {
    if (key == 1) gate.pass();
  });
  std::thread hot([&] {
    Item item;
    combiner.run(1, item);
  });
  gate.await_entry();
  Item item;
  EXPECT_EQ(combiner.run(2, item), Outcome::processed);
  EXPECT_EQ(combiner.keys(), 1u);
  gate.open();
  hot.join();
}

TEST_F(CombinerTest, ABatchThatPassesOnIsFinishedBesideTheNext) {
  std::promise<void> second_is_there;
  std::atomic<int> batches{0};
  IntCombiner combiner(roomy, workers, [&](const int&, const IntCombiner::Batch& batch) {
    const int number = ++batches;
    if (number == 1) {
      batch.pass_on();
      batch.pass_on();  // once more is nothing
      EXPECT_EQ(second_is_there.get_future().wait_for(long_enough), std::future_status::ready);
    } else if (number == 2) {
      second_is_there.set_value();
    }
    for (Item* item : batch.items) item->answer = number;
  });
  Item first, second;
  std::thread other([&] { EXPECT_EQ(combiner.run(1, first), Outcome::processed); });
  EXPECT_TRUE(eventually([&] { return batches >= 1; }, long_enough));
  EXPECT_EQ(combiner.run(1, second), Outcome::processed);
  other.join();
  EXPECT_EQ(first.answer, 1);
  EXPECT_EQ(second.answer, 2);
  EXPECT_EQ(combiner.keys(), 0u);
}

TEST_F(CombinerTest, TwoBatchesOfAKeyAreUnderWayAtMost) {
  Gate first_gate, second_gate;
  std::atomic<int> batches{0};
  std::atomic<bool> second_is_done{false};
  IntCombiner combiner(roomy, workers, [&](const int&, const IntCombiner::Batch& batch) {
    const int number = ++batches;
    if (number == 3) {
      EXPECT_TRUE(second_is_done);
    }
    batch.pass_on();
    if (number == 1) first_gate.pass();
    if (number != 2) return;
    second_gate.pass();
    second_is_done = true;
  });
  Item items[3];
  const auto call = [&](int i) {
    return std::thread([&, i] { EXPECT_EQ(combiner.run(1, items[i]), Outcome::processed); });
  };
  std::thread first = call(0);
  first_gate.await_entry();
  std::thread second = call(1);
  second_gate.await_entry();
  std::thread third = call(2);
  EXPECT_TRUE(eventually([&] { return combiner.queued() == 1; }, long_enough));
  second_gate.open();
  third.join();
  second.join();
  first_gate.open();
  first.join();
  EXPECT_EQ(batches, 3);
}

TEST_F(CombinerTest, AFailureReachesEachCallAndTheNextBatchGoesOn) {
  Gate gate;
  int batches = 0;
  IntCombiner combiner({2, 1024, long_enough}, workers, [&](const int&, const IntCombiner::Batch&) {
    ++batches;
    if (batches == 1) gate.pass();
    if (batches == 2) throw std::runtime_error("poisoned");
  });
  std::atomic<int> failed{0};
  std::atomic<int> processed{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 5; ++i) {
    threads.emplace_back([&] {
      Item item;
      try {
        combiner.run(1, item);
        ++processed;
      } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "poisoned");
        ++failed;
      }
    });
    if (i == 0) gate.await_entry();
  }
  ASSERT_TRUE(eventually([&] { return combiner.queued() == 4; }, long_enough));
  gate.open();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(batches, 3);
  EXPECT_EQ(failed, 2);
  EXPECT_EQ(processed, 3);
  EXPECT_EQ(combiner.keys(), 0u);
}

TEST_F(CombinerTest, AFullQueueRefusesMoreCalls) {
  Gate gate;
  std::atomic<int> items{0};
  IntCombiner combiner({256, 1, long_enough}, workers,
                       [&](const int& key, const IntCombiner::Batch& batch) {
                         if (key == 1 && items == 0) gate.pass();
                         items += static_cast<int>(batch.items.size());
                       });
  const auto call = [&] {
    Item item;
    EXPECT_EQ(combiner.run(1, item), Outcome::processed);
  };
  std::thread first(call);
  gate.await_entry();
  std::thread second(call);
  ASSERT_TRUE(eventually([&] { return combiner.queued() == 1; }, long_enough));
  Item item;
  EXPECT_EQ(combiner.run(1, item), Outcome::queue_full);
  EXPECT_EQ(combiner.run(2, item), Outcome::processed) << "the bound is each key's own";
  gate.open();
  first.join();
  second.join();
}

// Who waits too long goes, untouched; who is in a batch by then stays for its outcome.
TEST_F(CombinerTest, ACallThatWaitsTooLongWithdraws) {
  Gate gate;
  int seen = 0;
  IntCombiner combiner({256, 1024, milliseconds(300)}, workers,
                       [&](const int&, const IntCombiner::Batch& batch) {
                         if (seen == 0) gate.pass();
                         seen += static_cast<int>(batch.items.size());
                       });
  std::thread first([&] {
    Item item;
    EXPECT_EQ(combiner.run(1, item), Outcome::processed);
  });
  gate.await_entry();
  std::vector<std::thread> impatient;
  for (int i = 0; i < 8; ++i) {
    impatient.emplace_back([&] {
      Item item;
      EXPECT_EQ(combiner.run(1, item), Outcome::waited_too_long);
    });
  }
  for (std::thread& thread : impatient) thread.join();
  EXPECT_EQ(combiner.queued(), 0u);
  gate.open();
  first.join();
  EXPECT_EQ(seen, 1);
  EXPECT_EQ(combiner.keys(), 0u);
}

TEST_F(CombinerTest, TellsHowLongTheOldestHasWaited) {
  Gate gate;
  std::vector<IntCombiner::Clock::duration> ages;
  IntCombiner combiner(roomy, workers, [&](const int&, const IntCombiner::Batch& batch) {
    ages.push_back(batch.oldest_wait);
    if (ages.size() == 1) gate.pass();
  });
  const auto call = [&] {
    Item item;
    combiner.run(1, item);
  };
  std::thread first(call);
  gate.await_entry();
  std::thread second(call);
  ASSERT_TRUE(eventually([&] { return combiner.queued() == 1; }, long_enough));
  const auto start = IntCombiner::Clock::now();
  ASSERT_TRUE(eventually([&] { return IntCombiner::Clock::now() - start > milliseconds(20); },
                         long_enough));
  gate.open();
  first.join();
  second.join();
  EXPECT_GE(ages.at(1), milliseconds(20));
}

// Withdrawals and batches at once: every item is processed once, or not at all and
// told.
TEST_F(CombinerTest, ManyThreadsLoseNoCall) {
  constexpr int threads_count = 64;
  constexpr int rounds = 300;
  std::atomic<int> at_work[3] = {};
  std::atomic<int> processed_items{0};
  IntCombiner combiner({8, 24, milliseconds(1)}, workers,
                       [&](const int& key, const IntCombiner::Batch& batch) {
                         EXPECT_EQ(++at_work[key], 1) << "one batch of a key at a time";
                         for (Item* item : batch.items) ++item->answer;
                         processed_items += static_cast<int>(batch.items.size());
                         std::this_thread::yield();
                         --at_work[key];
                       });
  std::atomic<int> told_processed{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < threads_count; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < rounds; ++round) {
        Item item;
        const bool processed = combiner.run((t + round) % 3, item) == Outcome::processed;
        EXPECT_EQ(item.answer, processed ? 1 : 0);
        told_processed += processed ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  workers.finish();  // a batch of which all calls have withdrawn may still be queued
  EXPECT_EQ(processed_items, told_processed);
  EXPECT_EQ(combiner.queued(), 0u);
  EXPECT_EQ(combiner.keys(), 0u);
}

// As in the service: coroutines of two loops, of which some wait too long.
TEST_F(CombinerTest, CoroutinesLoseNoCall) {
  constexpr int coroutines = 200;
  std::atomic<int> processed_items{0}, told_processed{0};
  IntCombiner combiner({16, 64, milliseconds(2)}, workers,
                       [&](const int&, const IntCombiner::Batch& batch) {
                         for (Item* item : batch.items) ++item->answer;
                         processed_items += static_cast<int>(batch.items.size());
                         std::this_thread::yield();
                       });
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      Loop loop;
      for (int i = 0; i < coroutines; ++i) {
        loop.spawn([&, i] {
          for (int round = 0; round < 50; ++round) {
            Item item;
            const bool processed = combiner.run((i + round) % 3, item) == Outcome::processed;
            EXPECT_EQ(item.answer, processed ? 1 : 0);
            told_processed += processed ? 1 : 0;
          }
        });
      }
      loop.io().run();
    });
  }
  for (std::thread& thread : threads) thread.join();
  workers.finish();
  EXPECT_GT(told_processed, 0);
  EXPECT_EQ(processed_items, told_processed);
  EXPECT_EQ(combiner.queued(), 0u);
  EXPECT_EQ(combiner.keys(), 0u);
}

}  // namespace
}  // namespace evently
