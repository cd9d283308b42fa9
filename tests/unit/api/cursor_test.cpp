#include "api/http/cursor.h"

#include <gtest/gtest.h>

#include <limits>

namespace evently {
namespace {

using Position = std::vector<std::int64_t>;
constexpr std::int64_t largest = std::numeric_limits<std::int64_t>::max();

TEST(Cursor, ComesBackAsItWent) {
  for (const Position& position : {Position{0}, Position{1}, Position{largest}, Position{0, 0},
                                   Position{1893456000000000, 7}, Position{largest, largest}}) {
    EXPECT_EQ(decode_cursor(encode_cursor(position), position.size()), position);
  }
}

TEST(Cursor, NeedsNoEscapeInAUrl) {
  const std::string word = encode_cursor({largest, largest});
  EXPECT_EQ(word.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyz."), std::string::npos);
}

TEST(Cursor, FitsOnlyTheListItCameFrom) {
  EXPECT_EQ(decode_cursor(encode_cursor({5, 6}), 1), std::nullopt);
  EXPECT_EQ(decode_cursor(encode_cursor({5}), 2), std::nullopt);
}

TEST(Cursor, RefusesWhatWasNeverHandedOut) {
  for (const char* word : {"", ".", "1.", ".1", "-1", "+1", " 1", "1 ", "01", "A", "1!", "ä",
                           "zzzzzzzzzzzzzzzzzzzz", "1.2.3", "1,2"}) {
    EXPECT_EQ(decode_cursor(word, 1), std::nullopt) << word;
    EXPECT_EQ(decode_cursor(word, 2), std::nullopt) << word;
  }
  EXPECT_EQ(decode_cursor(std::string_view("1\0", 2), 1), std::nullopt);
}

}  // namespace
}  // namespace evently
