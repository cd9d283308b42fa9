#include "runtime/rfc3339.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace evently {
namespace {

std::string utc(const char* text) {
  const auto time = parse_rfc3339(text);
  return time ? format_rfc3339(*time) : "none";
}

TEST(Rfc3339, IsMadeUtc) {
  EXPECT_EQ(utc("2030-05-01T19:30:00Z"), "2030-05-01T19:30:00.000000Z");
  EXPECT_EQ(utc("2030-05-01t19:30:00z"), "2030-05-01T19:30:00.000000Z");
  EXPECT_EQ(utc("2030-05-01 19:30:00Z"), "2030-05-01T19:30:00.000000Z");
  EXPECT_EQ(utc("2030-05-01T00:15:00+05:45"), "2030-04-30T18:30:00.000000Z");
  EXPECT_EQ(utc("2030-12-31T23:30:00-01:00"), "2031-01-01T00:30:00.000000Z");
  EXPECT_EQ(utc("2028-02-29T00:00:00-00:00"), "2028-02-29T00:00:00.000000Z");
}

TEST(Rfc3339, HasMicroseconds) {
  EXPECT_EQ(utc("2030-05-01T19:30:00.5Z"), "2030-05-01T19:30:00.500000Z");
  EXPECT_EQ(utc("2030-05-01T19:30:00.123456Z"), "2030-05-01T19:30:00.123456Z");
  EXPECT_EQ(utc("2030-05-01T19:30:00.123456999999999999Z"), "2030-05-01T19:30:00.123456Z");
}

TEST(Rfc3339, LiesInTheYearsTheDatabaseTakes) {
  EXPECT_EQ(utc("1970-01-01T00:00:00Z"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(utc("1970-01-01T00:59:59+01:00"), "none");
  EXPECT_EQ(utc("1969-12-31T23:00:00-01:00"), "1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(utc("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(utc("9999-12-31T23:00:00-01:00"), "none");
}

TEST(Rfc3339, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "2030-05-01",
                           "2030-05-01T19:30:00",
                           "2030-05-01T19:30Z",
                           "2030-5-1T19:30:00Z",
                           "2030-02-29T00:00:00Z",
                           "2030-13-01T00:00:00Z",
                           "2030-00-01T00:00:00Z",
                           "2030-05-01T24:00:00Z",
                           "2030-05-01T19:60:00Z",
                           "2030-05-01T19:30:60Z",
                           "2030-05-01T19:30:00.Z",
                           "2030-05-01T19:30:00+2:00",
                           "2030-05-01T19:30:00+0200",
                           "2030-05-01T19:30:00+24:00",
                           "2030-05-01T19:30:00+01:60",
                           "2030-05-01T19:30:00Z ",
                           " 2030-05-01T19:30:00Z",
                           "+2030-05-01T19:30:00Z",
                           "20300-05-01T19:30:00Z",
                           "2030-05-01T19:30:00ZZ",
                           "-030-05-01T19:30:00Z",
                           "now",
                           "infinity",
                           "1893456000"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, IsWrittenFromTheDatabasesText) {
  EXPECT_EQ(rfc3339_of_timestamptz("2030-05-01 17:30:00+00"), "2030-05-01T17:30:00Z");
  EXPECT_EQ(rfc3339_of_timestamptz("2030-05-01 17:30:00.25+00"), "2030-05-01T17:30:00.25Z");
  // Another time zone or date style would be a wrong time, not a wrong spelling.
  for (const char* text :
       {"2030-05-01 17:30:00+02", "Wed May 01 17:30:00 2030 UTC", "infinity", "", "+00"}) {
    EXPECT_THROW(rfc3339_of_timestamptz(text), std::runtime_error) << text;
  }
}

TEST(Rfc3339, WhatWeWriteWeRead) {
  const auto time = parse_rfc3339(rfc3339_of_timestamptz("2030-05-01 17:30:00.000001+00"));
  ASSERT_TRUE(time);
  EXPECT_EQ(format_rfc3339(*time), "2030-05-01T17:30:00.000001Z");
}

}  // namespace
}  // namespace evently
