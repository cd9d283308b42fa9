#include "api/http/json_body.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

std::string fault_of(const std::string& body) {
  std::string fault;
  const nlohmann::json object = parse_object(body, fault);
  EXPECT_TRUE(object.is_object());
  EXPECT_TRUE(fault.empty() || object.empty());
  return fault;
}

std::string nested(int depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + '}';
}

TEST(JsonBody, IsAnObject) {
  EXPECT_EQ(fault_of("{}"), "");
  EXPECT_EQ(fault_of(R"( {"a": [1, {"b": "ä"}]} )"), "");
  for (const char* body : {"[]", "1", "null", "\"{}\"", "true"}) {
    EXPECT_EQ(fault_of(body), "must be a JSON object") << body;
  }
}

TEST(JsonBody, IsWellFormed) {
  for (const char* body : {"", " ", "{", "}", "{'a':1}", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":01}",
                           "{\"a\":1e999}", "{\"a\":NaN}", "{\"a\":\"\xff\"}",
                           "{\"a\":\"\\ud800\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\n\"}"}) {
    EXPECT_EQ(fault_of(body), "is not valid JSON in UTF-8") << body;
  }
}

TEST(JsonBody, HasNoByteOrderMark) {
  EXPECT_EQ(fault_of("\xEF\xBB\xBF{}"), "begins with a byte order mark");
}

TEST(JsonBody, HasNoKeyTwiceInOneObject) {
  EXPECT_NE(fault_of(R"({"seats":1,"seats":2})"), "");
  EXPECT_NE(fault_of(R"({"a":{"b":1,"c":2,"b":3}})"), "");
  EXPECT_NE(fault_of(R"({"a":1,"\u0061":2})"), "");
  EXPECT_EQ(fault_of(R"({"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]})"), "");
}

TEST(JsonBody, HasNoNul) {
  EXPECT_NE(fault_of(R"({"a":"x\u0000y"})"), "");
  EXPECT_NE(fault_of(R"({"\u0000":1})"), "");
  EXPECT_NE(fault_of(R"({"unknown":[["\u0000"]]})"), "");
}

TEST(JsonBody, IsNotNestedDeeply) {
  EXPECT_EQ(fault_of(nested(json_depth_max)), "");
  EXPECT_NE(fault_of(nested(json_depth_max + 1)), "");
  EXPECT_NE(fault_of(std::string(60'000, '[')), "");
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  EXPECT_NE(fault_of(objects), "");
}

}  // namespace
}  // namespace evently
