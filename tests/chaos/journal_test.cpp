#include "tests/chaos/journal.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace evently {
namespace {

class JournalTest : public testing::Test {
 protected:
  ~JournalTest() override { std::filesystem::remove(path_); }

  void append(const std::string& text) { std::ofstream(path_, std::ios::app) << text; }

  const std::string path_ = testing::TempDir() + "journal-" +
                            testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(JournalTest, GivesBackWhatWasWritten) {
  {
    Journal journal(path_);
    journal.note_event(7, 40);
    const Operation operation{"key", 3, 7, 2};
    journal.complete(operation, journal.invoke(operation), no_answer, 0);
    journal.complete(operation, journal.invoke(operation), 201, 12);
    journal.complete_cancel(12, journal.invoke_cancel(12), 200);
    journal.complete_probe(7, journal.now_us(), 409);
  }
  const History history = read_history(path_);
  EXPECT_EQ(history.capacities.at(7), 40);
  const OperationHistory& entry = history.operations.at("key");
  EXPECT_EQ(entry.operation.user, 3);
  EXPECT_EQ(entry.operation.event, 7);
  EXPECT_EQ(entry.operation.seats, 2);
  ASSERT_EQ(entry.invoked_us.size(), 2u);
  ASSERT_EQ(entry.completions.size(), 2u);
  EXPECT_EQ(entry.completions[0].status, no_answer);
  EXPECT_EQ(entry.completions[1].status, 201);
  EXPECT_EQ(entry.completions[1].booking, 12);
  EXPECT_EQ(entry.completions[1].invoked_us, entry.invoked_us[1]);
  EXPECT_GE(entry.completions[1].completed_us, entry.completions[1].invoked_us);
  EXPECT_EQ(history.cancels.at(12).invoked_us.size(), 1u);
  EXPECT_EQ(history.cancels.at(12).completions.at(0).status, 200);
  EXPECT_EQ(history.probes.at(7).at(0).status, 409);
}

TEST_F(JournalTest, ALineCutShortIsACompletionThatWasNotNoted) {
  append("event 7 40\ninvoke 1 key 3 7 2\ncomplete 1 5 key 20");
  const History history = read_history(path_);
  EXPECT_EQ(history.operations.at("key").invoked_us.size(), 1u);
  EXPECT_TRUE(history.operations.at("key").completions.empty());
}

TEST_F(JournalTest, OtherLinesThatMakeNoSenseAreAnError) {
  append("event 7 40\ninvoke 1 key 3\ninvoke 1 key 3 7 2\n");
  EXPECT_THROW(read_history(path_), std::runtime_error);
  std::filesystem::remove(path_);
  append("hello\n");
  EXPECT_THROW(read_history(path_), std::runtime_error);
}

}  // namespace
}  // namespace evently
