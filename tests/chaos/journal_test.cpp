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
    const Wish wish{"key", 3, 7, 2};
    journal.note(wish, journal.intend(wish), no_answer, 0);
    journal.note(wish, journal.intend(wish), 201, 12);
    journal.note_cancel(12, journal.intend_cancel(12), 200);
    journal.note_probe(7, journal.now_us(), 409);
  }
  const History history = read_history(path_);
  EXPECT_EQ(history.capacities.at(7), 40);
  const WishHistory& entry = history.wishes.at("key");
  EXPECT_EQ(entry.wish.user, 3);
  EXPECT_EQ(entry.wish.event, 7);
  EXPECT_EQ(entry.wish.seats, 2);
  ASSERT_EQ(entry.asked_us.size(), 2u);
  ASSERT_EQ(entry.told.size(), 2u);
  EXPECT_EQ(entry.told[0].status, no_answer);
  EXPECT_EQ(entry.told[1].status, 201);
  EXPECT_EQ(entry.told[1].booking, 12);
  EXPECT_EQ(entry.told[1].asked_us, entry.asked_us[1]);
  EXPECT_GE(entry.told[1].told_us, entry.told[1].asked_us);
  EXPECT_EQ(history.cancels.at(12).asked_us.size(), 1u);
  EXPECT_EQ(history.cancels.at(12).told.at(0).status, 200);
  EXPECT_EQ(history.probes.at(7).at(0).status, 409);
}

TEST_F(JournalTest, ALineCutShortIsAnAnswerThatNobodyNoted) {
  append("event 7 40\nask 1 key 3 7 2\ntold 1 5 key 20");
  const History history = read_history(path_);
  EXPECT_EQ(history.wishes.at("key").asked_us.size(), 1u);
  EXPECT_TRUE(history.wishes.at("key").told.empty());
}

TEST_F(JournalTest, OtherLinesThatSayNothingAreAnError) {
  append("event 7 40\nask 1 key 3\nask 1 key 3 7 2\n");
  EXPECT_THROW(read_history(path_), std::runtime_error);
  std::filesystem::remove(path_);
  append("hello\n");
  EXPECT_THROW(read_history(path_), std::runtime_error);
}

}  // namespace
}  // namespace evently
