#include "api/http/trace_parent.h"

#include <gtest/gtest.h>

#include "tests/support/parsed_request.h"

namespace evently {
namespace {

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string parent = "00f067aa0ba902b7";

TraceParent parent_in(const std::string& fields) {
  const ParsedRequest parsed("GET / HTTP/1.1\r\n" + fields + "\r\n");
  EXPECT_TRUE(parsed.well_formed) << fields;
  return trace_parent_of(parsed.request.head);
}

std::string trace_id_in(const std::string& value) {
  return parent_in("traceparent: " + value + "\r\n").trace_id;
}

TEST(TraceParent, IsRead) {
  const TraceParent read = parent_in("Traceparent: 00-" + trace + "-" + parent + "-01\r\n");
  EXPECT_EQ(read.trace_id, trace);
  EXPECT_EQ(read.parent_id, parent);
  EXPECT_EQ(trace_id_in("cc-" + trace + "-" + parent + "-01"), trace) << "a later version";
  EXPECT_EQ(trace_id_in("cc-" + trace + "-" + parent + "-01-more"), trace);
}

TEST(TraceParent, CountsAsAbsentWhenItIsMalformed) {
  const std::string zeros(32, '0');
  const std::string rest = "-" + parent + "-01";
  for (const std::string& bad :
       {std::string(), std::string("00"), "00-" + trace + "-" + parent, "ff-" + trace + rest,
        "00-" + trace + rest + "-more", "cc-" + trace + rest + "more", "00-" + zeros + rest,
        "00-" + trace + "-" + zeros.substr(16) + "-01", "00-" + trace.substr(1) + "G" + rest,
        "00_" + trace + rest, "00-4BF92F3577B34DA6A3CE929D0E0E4736" + rest, "0x-" + trace + rest,
        "00-" + trace + "-" + parent + "-0x"})
    EXPECT_EQ(trace_id_in(bad), "") << bad;
  const std::string good = "traceparent: 00-" + trace + rest + "\r\n";
  EXPECT_EQ(parent_in(good + good).trace_id, "") << "two";
  EXPECT_EQ(parent_in("").trace_id, "");
}

}  // namespace
}  // namespace evently
