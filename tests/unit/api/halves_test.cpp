#include "api/booking/halves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <vector>

#include "api/database/batch_queue.h"

namespace evently {
namespace {

struct Call : QueuedCall {
  explicit Call(int its_number) : number(its_number) {}
  const int number;
  int answers = 0;
};

class Halves : public testing::Test {
 protected:
  explicit Halves() {
    for (int number = 0; number < 256; ++number) calls.emplace_back(number);
    for (Call& call : calls) pointers.push_back(&call);
  }
  // Answers all calls of a part, or none of them when one is bad.
  std::size_t attempt(std::size_t splits_max, const std::set<int>& bad) {
    return attempt_in_halves(pointers, splits_max, [&](const std::vector<Call*>& part) {
      ++attempts;
      for (const Call* call : part) {
        if (bad.count(call->number) != 0) throw std::runtime_error("a bad call");
      }
      for (Call* call : part) {
        ++call->answers;
        order.push_back(call->number);
      }
    });
  }
  std::set<int> failed() const {
    std::set<int> numbers;
    for (const Call& call : calls) {
      EXPECT_EQ(call.answers, call.failure ? 0 : 1) << call.number;
      if (call.failure) numbers.insert(call.number);
    }
    return numbers;
  }

  std::vector<Call> calls;
  std::vector<Call*> pointers;
  std::size_t attempts = 0;
  std::vector<int> order;
};

TEST_F(Halves, ABatchThatGoesWellIsAttemptedOnce) {
  EXPECT_EQ(attempt(64, {}), 0u);
  EXPECT_EQ(attempts, 1u);
  EXPECT_EQ(failed(), std::set<int>{});
}

TEST_F(Halves, ABadCallFailsAlone) {
  const std::set<int> bad{0, 100, 101, 255};
  attempt(64, bad);
  EXPECT_EQ(failed(), bad);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << "calls keep their order";
}

TEST_F(Halves, AllOfThemMayBeBadWhereEachMayStandAlone) {
  std::set<int> bad;
  for (const Call& call : calls) bad.insert(call.number);
  bad.erase(17);
  EXPECT_EQ(attempt(calls.size() - 1, bad), calls.size() - 1);
  EXPECT_EQ(failed(), bad);
  EXPECT_EQ(attempts, 2 * calls.size() - 1);
}

TEST_F(Halves, ADatabaseThatFailsThemAllIsNotAskedForEver) {
  std::set<int> bad;
  for (const Call& call : calls) bad.insert(call.number);
  EXPECT_EQ(attempt(10, bad), 10u);
  EXPECT_EQ(attempts, 21u);
  EXPECT_EQ(failed(), bad);
}

TEST_F(Halves, WhatNoCallCausedIsNotTriedAgain) {
  const std::size_t splits = attempt_in_halves(pointers, 64, [&](const std::vector<Call*>&) {
    ++attempts;
    throw PoolExhausted();
  });
  EXPECT_EQ(splits, 0u);
  EXPECT_EQ(attempts, 1u);
  EXPECT_THROW(std::rethrow_exception(calls[255].failure), PoolExhausted);
}

}  // namespace
}  // namespace evently
