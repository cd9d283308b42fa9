#include "api/database/batch_queue.h"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/redis_process.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

struct Call : QueuedCall {
  int answer = 0;
};
using Queue = BatchQueue<int, Call>;

constexpr milliseconds long_enough{10'000};
constexpr CombinerLimits roomy{256, 1024, long_enough};

class BatchQueueTest : public testing::Test {
 protected:
  Workers workers{4};
};

// The ids of the statements that a call ran, though it failed.
StatementIds ids_of_run(Queue& queue, Call& call) {
  StatementIds ids;
  const StatementTrace trace(ids);
  try {
    queue.run(1, call);
  } catch (const std::exception&) {
    call.answer = -1;
  }
  return ids;
}

TEST(StatementTrace, TheInnermostCollectsAndNothingIsNeeded) {
  StatementTrace::add({"s-0"});
  EXPECT_EQ(StatementTrace::so_far(), StatementIds{});
  StatementIds outer, inner;
  {
    const StatementTrace outer_trace(outer);
    StatementTrace::add({"s-1"});
    {
      const StatementTrace inner_trace(inner);
      StatementTrace::add({"s-2"});
      EXPECT_EQ(StatementTrace::so_far(), StatementIds{"s-2"});
    }
    StatementTrace::add({"s-3"});
  }
  EXPECT_EQ(outer, (StatementIds{"s-1", "s-3"}));
  EXPECT_EQ(inner, StatementIds{"s-2"});
}

// Whichever worker processes it: the log of each request names the statements of its batch.
TEST_F(BatchQueueTest, EveryCallOfABatchKnowsItsStatements) {
  std::promise<void> entered, opened;
  int batches = 0;
  Queue queue(roomy, workers, [&](int, const Queue::Batch& batch) {
    if (++batches == 1) {
      entered.set_value();
      opened.get_future().wait();
    }
    StatementTrace::add({"s-" + std::to_string(batches)});
    for (Call* call : batch.items) call->answer = batches;
  });
  const auto run = [&] {
    Call call;
    StatementIds ids = ids_of_run(queue, call);
    ids.push_back(std::to_string(call.answer));
    return ids;
  };
  auto first = std::async(std::launch::async, run);
  entered.get_future().wait();
  std::vector<std::future<StatementIds>> others;
  for (int i = 0; i < 5; ++i) others.push_back(std::async(std::launch::async, run));
  const bool gathered = eventually([&] { return queue.queued() == 5; }, long_enough);
  opened.set_value();
  EXPECT_TRUE(gathered);
  EXPECT_EQ(first.get(), (StatementIds{"s-1", "1"}));
  for (auto& other : others) EXPECT_EQ(other.get(), (StatementIds{"s-2", "2"}));
}

TEST_F(BatchQueueTest, ThrowsTheFailureOfTheCallOrOfItsBatch) {
  bool whole_batch = false;
  Queue queue(roomy, workers, [&](int, const Queue::Batch& batch) {
    StatementTrace::add({"s-1"});
    if (whole_batch) throw std::out_of_range("the batch");
    batch.items.front()->failure = std::make_exception_ptr(std::runtime_error("the call"));
  });
  Call call;
  EXPECT_THROW(queue.run(1, call), std::runtime_error);
  whole_batch = true;
  Call another;
  EXPECT_THROW(queue.run(1, another), std::out_of_range);
  Call failing;
  EXPECT_EQ(ids_of_run(queue, failing), StatementIds{"s-1"}) << "the log wants them all the more";
  EXPECT_EQ(failing.answer, -1);
}

TEST_F(BatchQueueTest, IsBusyWhenABatchCannotBeginInTime) {
  std::promise<void> entered, opened;
  Queue queue({256, 1024, milliseconds(300)}, workers, [&](int, const Queue::Batch&) {
    entered.set_value();
    opened.get_future().wait();
  });
  std::thread first([&] {
    Call call;
    queue.run(1, call);
  });
  entered.get_future().wait();
  Call late;
  EXPECT_THROW(queue.run(1, late), Busy);
  opened.set_value();
  first.join();
}

}  // namespace
}  // namespace evently
