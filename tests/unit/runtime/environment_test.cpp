#include "runtime/environment.h"

#include <gtest/gtest.h>

#include <map>

namespace evently {
namespace {

Environment environment_of(std::map<std::string, std::string> variables) {
  return Environment([variables = std::move(variables)](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

TEST(Environment, TextFallsBackWhenUnsetOrEmpty) {
  Environment environment = environment_of({{"SET", "x"}, {"EMPTY", ""}});
  EXPECT_EQ(environment.text("SET", "default"), "x");
  EXPECT_EQ(environment.text("EMPTY", "default"), "default");
  EXPECT_EQ(environment.text("UNSET", "default"), "default");
  EXPECT_TRUE(environment.errors().empty());
}

TEST(Environment, RequiredIsAFaultWhenUnsetOrEmpty) {
  Environment environment = environment_of({{"SET", "x"}, {"EMPTY", ""}});
  EXPECT_EQ(environment.required("SET"), "x");
  EXPECT_EQ(environment.required("EMPTY"), "");
  EXPECT_EQ(environment.required("UNSET"), "");
  const std::vector<std::string> expected{"EMPTY: must be set", "UNSET: must be set"};
  EXPECT_EQ(environment.errors(), expected);
}

TEST(Environment, IntegerTakesItsBounds) {
  Environment environment = environment_of({{"LOW", "1"}, {"HIGH", "65535"}, {"NEGATIVE", "-5"}});
  EXPECT_EQ(environment.integer("LOW", 8080, 1, 65535), 1);
  EXPECT_EQ(environment.integer("HIGH", 8080, 1, 65535), 65535);
  EXPECT_EQ(environment.integer("NEGATIVE", 0, -10, 10), -5);
  EXPECT_EQ(environment.integer("UNSET", 8080, 1, 65535), 8080);
  EXPECT_TRUE(environment.errors().empty());
}

TEST(Environment, IntegerRefusesAllElse) {
  for (const char* value : {"x", "0", "65536", "80 ", " 80", "8.0", "+80", "80x", "0x50", "1e3",
                            "99999999999999999999"}) {
    Environment environment = environment_of({{"PORT", value}});
    EXPECT_EQ(environment.integer("PORT", 8080, 1, 65535), 8080) << value;
    const std::vector<std::string> expected{
        std::string("PORT: must be a whole number from 1 to 65535, not '") + value + "'"};
    EXPECT_EQ(environment.errors(), expected);
  }
}

TEST(Environment, FlagIsOnOrOff) {
  Environment environment = environment_of({{"ON", "on"}, {"OFF", "off"}, {"OTHER", "yes"}});
  EXPECT_TRUE(environment.flag("ON", false));
  EXPECT_FALSE(environment.flag("OFF", true));
  EXPECT_TRUE(environment.flag("UNSET", true));
  EXPECT_FALSE(environment.flag("UNSET", false));
  EXPECT_TRUE(environment.errors().empty());
  environment.flag("OTHER", true);
  EXPECT_EQ(environment.errors(), ConfigErrors{"OTHER: must be on or off, not 'yes'"});
}

TEST(Environment, ListIsTrimmedAndSkipsBlanks) {
  Environment environment =
      environment_of({{"LIST", " a, b c ,,\td ,"}, {"ONE", "a"}, {"BLANK", " , "}});
  EXPECT_EQ(environment.list("LIST"), (std::vector<std::string>{"a", "b c", "d"}));
  EXPECT_EQ(environment.list("ONE"), std::vector<std::string>{"a"});
  EXPECT_TRUE(environment.list("BLANK").empty());
  EXPECT_TRUE(environment.list("UNSET").empty());
}

TEST(Environment, AllFaultsAreKeptInOrder) {
  Environment environment = environment_of({{"PORT", "x"}});
  environment.integer("PORT", 1, 1, 2);
  environment.required("DATABASE_URL");
  environment.add_error("REDIS_URL", "is odd");
  ASSERT_EQ(environment.errors().size(), 3u);
  EXPECT_EQ(environment.errors().back(), "REDIS_URL: is odd");
}

TEST(EnvironmentDeathTest, FaultsEndTheProgramWithStatusTwo) {
  Environment environment = environment_of({});
  environment.required("DATABASE_URL");
  environment.required("REDIS_URL");
  EXPECT_EXIT(exit_with_errors("evently-x", environment.errors()), testing::ExitedWithCode(2),
              "evently-x: DATABASE_URL: must be set\nevently-x: REDIS_URL: must be set\n");
}

}  // namespace
}  // namespace evently
