#include "api/http/etag.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

using Versions = std::vector<std::int64_t>;

Versions versions_in(const char* if_match) {
  const auto list = parse_etags(if_match);
  EXPECT_TRUE(list) << if_match;
  return list ? details_versions(*list) : Versions{};
}

bool hits(const char* if_none_match, const std::string& etag) {
  const auto list = parse_etags(if_none_match);
  EXPECT_TRUE(list) << if_none_match;
  return list && includes(*list, etag);
}

TEST(Etag, HasTwoParts) {
  EXPECT_EQ(event_etag(3, 17), "\"3-17\"");
}

TEST(Etag, IfNoneMatchComparesTheWhole) {
  EXPECT_TRUE(hits("\"3-17\"", event_etag(3, 17)));
  EXPECT_TRUE(hits("W/\"3-17\"", event_etag(3, 17)));
  EXPECT_TRUE(hits("\"x\" ,\t W/\"3-17\",\"y\"", event_etag(3, 17)));
  EXPECT_TRUE(hits("*", event_etag(3, 17)));
  EXPECT_FALSE(hits("\"3-18\"", event_etag(3, 17)));
  EXPECT_FALSE(hits("\"3-1\"", event_etag(3, 17)));
  EXPECT_FALSE(hits("\"\"", event_etag(3, 17)));
}

TEST(Etag, AListMayHaveEmptyElements) {
  for (const char* value : {"\"3-17\",", ",\"3-17\"", ", ,\"3-17\" , ,", ",W/\"3-17\""})
    EXPECT_TRUE(hits(value, event_etag(3, 17))) << value;
}

TEST(Etag, AStrongComparisonLeavesWeakTagsOut) {
  EXPECT_TRUE(includes_strongly(*parse_etags("W/\"1-1\", \"3-17\""), event_etag(3, 17)));
  EXPECT_TRUE(includes_strongly(*parse_etags("*"), event_etag(3, 17)));
  EXPECT_FALSE(includes_strongly(*parse_etags("W/\"3-17\""), event_etag(3, 17)));
}

TEST(Etag, IfMatchComparesTheDetails) {
  EXPECT_EQ(versions_in("\"3-17\""), Versions{3});
  EXPECT_EQ(versions_in("\"3-17\", \"3-18\", \"4-1\""), (Versions{3, 4}));
  EXPECT_EQ(versions_in("W/\"3-17\", \"4-1\""), Versions{4})
      << "a weak tag is compared with nothing";
  EXPECT_EQ(versions_in("\"x\", \"3\", \"3-\", \"-3\", \"3-x\", \"3-1-1\""), Versions{});
  EXPECT_TRUE(parse_etags("*")->any);
}

TEST(Etag, RefusesWhatIsNoList) {
  for (const char* value :
       {"", " ", "3-17", "\"3-17", "\"a\" \"b\"", ",", ", ,", "* , \"a\"", "w/\"a\"", "W/a"}) {
    EXPECT_FALSE(parse_etags(value)) << value;
  }
}

}  // namespace
}  // namespace evently
