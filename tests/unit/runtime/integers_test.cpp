#include "runtime/integers.h"

#include <gtest/gtest.h>

#include <limits>

namespace evently {
namespace {

TEST(Integers, ArePlainDigits) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-5"), -5);
  EXPECT_EQ(parse_integer("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  for (const char* bad :
       {"", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "--1", "abc", "9223372036854775808"}) {
    EXPECT_EQ(parse_integer(bad), std::nullopt) << bad;
  }
}

TEST(Integers, FitTheirType) {
  EXPECT_EQ(parse_integer<int>("2147483647"), 2147483647);
  EXPECT_EQ(parse_integer<int>("2147483648"), std::nullopt);
  EXPECT_EQ(parse_integer<std::size_t>("-1"), std::nullopt);
}

TEST(Integers, AnIdIsAboveZero) {
  EXPECT_EQ(parse_id("1"), 1);
  for (const char* bad : {"0", "-1", "seven", "", "7x"}) EXPECT_EQ(parse_id(bad), std::nullopt);
}

}  // namespace
}  // namespace evently
