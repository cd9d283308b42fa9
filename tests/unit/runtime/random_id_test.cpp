#include "runtime/random_id.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>

namespace evently {
namespace {

TEST(RandomId, ATimeOrderedIdIs32HexadecimalDigits) {
  const std::string id = time_ordered_id();
  EXPECT_EQ(id.size(), 32u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(RandomId, TimeOrderedIdsBeginWithUnixTimeInMilliseconds) {
  const auto unix_ms = [] {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  };
  const auto before = unix_ms();
  const std::string id = time_ordered_id();
  const auto after = unix_ms();
  const long long made = std::stoll(id.substr(0, 12), nullptr, 16);
  EXPECT_GE(made, before);
  EXPECT_LE(made, after);
}

TEST(RandomId, TimeOrderedIdsOfOneMomentDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 10000; ++i) ids.insert(time_ordered_id());
  EXPECT_EQ(ids.size(), 10000u);
}

}  // namespace
}  // namespace evently
