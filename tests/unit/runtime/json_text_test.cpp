#include "runtime/json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace evently {
namespace {

TEST(JsonText, IsAnObjectInTheOrderOfItsMembers) {
  EXPECT_EQ(JsonText().finish(), "{}");
  EXPECT_EQ(JsonText()
                .text("b", "x y")
                .number("a", std::numeric_limits<std::int64_t>::min())
                .thousandths("ms", 12'007)
                .thousandths("short_ms", 40)
                .texts("none", {})
                .texts("two", {"1", "2"})
                .json("c", "[true]")
                .finish(),
            R"({"b":"x y","a":-9223372036854775808,"ms":12.007,"short_ms":0.040,"none":[],)"
            R"("two":["1","2"],"c":[true]})");
}

// Each byte alone and within text: what the JSON library writes is the measure.
TEST(JsonText, QuotesAsTheLibraryDoes) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const std::string& text : {std::string(1, static_cast<char>(byte)),
                                    "a" + std::string(1, static_cast<char>(byte)) + "\xc3\xa9"}) {
      std::string quoted;
      append_quoted(quoted, text);
      EXPECT_EQ(quoted,
                nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))
          << byte;
    }
  }
}

}  // namespace
}  // namespace evently
