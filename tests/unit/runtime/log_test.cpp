#include "runtime/log.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

std::chrono::system_clock::time_point at_ms(std::int64_t since_epoch_ms) {
  return std::chrono::system_clock::time_point(std::chrono::milliseconds(since_epoch_ms));
}

TEST(LogLine, HasItsKeysFirstAndThenTheFields) {
  EXPECT_EQ(detail::log_line(at_ms(1'700'000'000'007), Level::warning, "evently-x", "lost",
                             {{"side", "redis"}, {"a", 1}}),
            R"({"ts":"2023-11-14T22:13:20.007Z","level":"warning","program":"evently-x",)"
            R"("message":"lost","a":1,"side":"redis"})");
}

TEST(LogLine, IsOneLineOfJsonWhateverTheText) {
  const std::string line = detail::log_line(at_ms(0), Level::info, "p", "a\nb\"c",
                                            {{"text", std::string("\0\x01\xff{}", 5)}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const nlohmann::json read = nlohmann::json::parse(line);
  EXPECT_EQ(read["message"], "a\nb\"c");
  EXPECT_EQ(read["text"], std::string("\0\x01\xef\xbf\xbd{}", 7));  // bad UTF-8 is replaced
}

TEST(LogLine, AFieldCannotReplaceAKey) {
  const auto read = nlohmann::json::parse(
      detail::log_line(at_ms(0), Level::error, "p", "said", {{"level", "x"}, {"message", "y"}}));
  EXPECT_EQ(read["level"], "error");
  EXPECT_EQ(read["message"], "said");
}

TEST(LogLevel, IsReadByItsName) {
  EXPECT_EQ(detail::parse_level("debug"), Level::debug);
  EXPECT_EQ(detail::parse_level("warning"), Level::warning);
  EXPECT_EQ(detail::parse_level("WARN"), std::nullopt);
}

TEST(LogLevel, AnUnknownNameIsAFault) {
  const auto faults_of = [](const char* level) {
    Environment environment([level](const char*) { return level; });
    check_log_level(environment);
    return environment.errors();
  };
  EXPECT_TRUE(faults_of("error").empty());
  EXPECT_TRUE(faults_of(nullptr).empty());
  EXPECT_EQ(faults_of("loud"),
            std::vector<std::string>{
                "EVENTLY_LOG_LEVEL: must be debug, info, warning or error, not 'loud'"});
}

}  // namespace
}  // namespace evently
