#include "api/http/request_head.h"

#include <gtest/gtest.h>

#include "tests/support/parsed_request.h"

namespace evently {
namespace {

std::string head_with(const std::string& fields) {
  return "GET / HTTP/1.1\r\n" + fields + "\r\n";
}

using Values = std::vector<std::string>;

TEST(RequestHead, HasFieldsAsTheyWereSent) {
  const std::string text = head_with(
      "Host: x\r\nIdempotency-Key:  a%20b \t\r\nX-Empty:\r\nif-match: \"1\"\r\nIf-Match:\"2\"\r\n");
  const ParsedRequest parsed(text);
  ASSERT_TRUE(parsed.well_formed);
  const RequestHead& head = parsed.request.head;
  EXPECT_EQ(head.field_count(), 5u);
  EXPECT_EQ(head.values("idempotency-key"), Values{"a%20b"});
  EXPECT_EQ(head.values("X-Empty"), Values{""});
  EXPECT_EQ(head.joined("IF-MATCH"), "\"1\", \"2\"");
  EXPECT_EQ(head.joined("absent"), std::nullopt);
  EXPECT_FALSE(head.has("GET / HTTP/1.1"));
}

TEST(RequestHead, IsMalformedWhereProxiesReadOtherwise) {
  for (const std::string& fields :
       {std::string("Transfer-Encoding : chunked\r\n"), std::string(" folded: x\r\n"),
        std::string("no colon\r\n"), std::string(": nameless\r\n"), std::string("A: b\nC: d\r\n"),
        std::string("A: b\rC: d\r\n"), std::string("A: \0\r\n", 6), std::string("A: \x7f\r\n"),
        std::string("A\tB: c\r\n"), std::string("\xc3\xa4: c\r\n")}) {
    EXPECT_FALSE(ParsedRequest(head_with(fields)).well_formed) << fields;
  }
  EXPECT_TRUE(ParsedRequest(head_with("A: b\tc \xc3\xa4\r\n")).well_formed);
}

TEST(RequestHead, IsMalformedWithoutItsEnd) {
  for (const char* text : {"", "GET / HTTP/1.1", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nA: b\r\n",
                           "GET / HTTP/1.1\n\r\n"}) {
    EXPECT_FALSE(ParsedRequest(text).well_formed) << text;
  }
}

TEST(ContentLength, IsOnePlainNumber) {
  const auto length = [](const std::vector<const char*>& values) {
    RequestHead head;
    for (const char* value : values) head.add("content-length", value);
    return content_length(head);
  };
  EXPECT_EQ(length({"0"}), 0u);
  EXPECT_EQ(length({"65536"}), 65536u);
  EXPECT_EQ(length({}), std::nullopt);
  for (const char* value : {"", "-1", "+1", "1.0", "1e3", "0x10", "1 1", "1,1", "%35", "one",
                            "18446744073709551617", "1234567890123456789"}) {
    EXPECT_EQ(length({value}), std::nullopt) << value;
  }
  EXPECT_EQ(length({"5", "5"}), std::nullopt);
}

TEST(Utf8, IsCheckedStrictly) {
  EXPECT_TRUE(is_utf8_without_nul("plain ä 🎫"));
  EXPECT_TRUE(is_utf8_without_nul(""));
  for (const std::string& text :
       {std::string("\xff"), std::string("\xc3"), std::string("\xc0\x80"),
        std::string("\xed\xa0\x80"), std::string("\xf4\x90\x80\x80"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(is_utf8_without_nul(text)) << text;
  }
}

}  // namespace
}  // namespace evently
