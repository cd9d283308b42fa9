#include "runtime/array_literal.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

using Numbers = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

TEST(ArrayLiteral, OfNumbers) {
  EXPECT_EQ(array_literal(Numbers{}), "{}");
  EXPECT_EQ(array_literal(Numbers{7}), "{7}");
  EXPECT_EQ(array_literal(Numbers{1, -2, INT64_MAX, INT64_MIN}),
            "{1,-2,9223372036854775807,-9223372036854775808}");
}

TEST(ArrayLiteral, OfTexts) {
  EXPECT_EQ(array_literal(Texts{}), "{}");
  EXPECT_EQ(array_literal(Texts{"a", "b"}), R"({"a","b"})");
  EXPECT_EQ(array_literal(Texts{""}), R"({""})") << "an empty text is an element";
}

TEST(ArrayLiteral, WhatMeansSomethingToAnArrayIsTakenAsItIs) {
  EXPECT_EQ(array_literal(Texts{"NULL", "{}", "a,b", " a ", "'", "\n\t"}),
            "{\"NULL\",\"{}\",\"a,b\",\" a \",\"'\",\"\n\t\"}");
  EXPECT_EQ(array_literal(Texts{R"(")", R"(\)", R"(\")", R"(a\)"}), R"({"\"","\\","\\\"","a\\"})");
  EXPECT_EQ(array_literal(Texts{R"("},{")"}), R"({"\"},{\""})");
  EXPECT_EQ(array_literal(Texts{"\xc3\xa4\xe2\x82\xac"}), "{\"\xc3\xa4\xe2\x82\xac\"}");
}

}  // namespace
}  // namespace evently
