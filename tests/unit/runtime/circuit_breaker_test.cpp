#include <gtest/gtest.h>

#include "runtime/circuit_breaker.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

const CircuitBreaker::Clock::time_point start{};

TEST(CircuitBreaker, OpensAtTheThirdFailureInARow) {
  CircuitBreaker breaker;
  EXPECT_TRUE(breaker.allow(start));
  EXPECT_FALSE(breaker.failure(start));
  EXPECT_FALSE(breaker.failure(start));
  EXPECT_FALSE(breaker.open());
  EXPECT_TRUE(breaker.allow(start));
  EXPECT_TRUE(breaker.failure(start)) << "tells once that an outage begins";
  EXPECT_TRUE(breaker.open());
  EXPECT_FALSE(breaker.allow(start));
  EXPECT_FALSE(breaker.failure(start)) << "a straggler is no new outage";
}

TEST(CircuitBreaker, ASuccessBetweenFailuresKeepsItClosed) {
  CircuitBreaker breaker;
  for (int i = 0; i < 10; ++i) {
    breaker.failure(start);
    breaker.failure(start);
    EXPECT_FALSE(breaker.success());
  }
  EXPECT_FALSE(breaker.open());
}

class OpenBreaker : public testing::Test {
 protected:
  void SetUp() override {
    for (int i = 0; i < 3; ++i) breaker.failure(start);
  }
  CircuitBreaker breaker;
};

TEST_F(OpenBreaker, LetsOneProbeThroughAfterASecond) {
  EXPECT_FALSE(breaker.allow(start + milliseconds(999)));
  EXPECT_TRUE(breaker.allow(start + milliseconds(1000)));
  EXPECT_FALSE(breaker.allow(start + milliseconds(1000))) << "only one";
  EXPECT_TRUE(breaker.open());
}

TEST_F(OpenBreaker, ClosesWhenTheProbeSucceeds) {
  ASSERT_TRUE(breaker.allow(start + milliseconds(1000)));
  EXPECT_TRUE(breaker.success()) << "tells that the outage has ended";
  EXPECT_FALSE(breaker.success());
  EXPECT_TRUE(breaker.allow(start + milliseconds(1001)));
  EXPECT_FALSE(breaker.failure(start + milliseconds(1001))) << "counts from zero again";
}

TEST_F(OpenBreaker, StaysOpenAnotherSecondWhenTheProbeFails) {
  ASSERT_TRUE(breaker.allow(start + milliseconds(1000)));
  breaker.failure(start + milliseconds(1050));
  EXPECT_FALSE(breaker.allow(start + milliseconds(2049)));
  EXPECT_TRUE(breaker.allow(start + milliseconds(2050)));
}

TEST_F(OpenBreaker, AProbeThatNeverReportsDoesNotShutItForGood) {
  ASSERT_TRUE(breaker.allow(start + milliseconds(1000)));
  EXPECT_FALSE(breaker.allow(start + milliseconds(1999)));
  EXPECT_TRUE(breaker.allow(start + milliseconds(2000)));
}

}  // namespace
}  // namespace evently
