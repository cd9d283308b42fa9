#include "api/admin_key.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace evently {
namespace {

TEST(AdminKey, AcceptsOnlyItself) {
  const AdminKey key("correct horse");
  EXPECT_TRUE(key.accepts("correct horse"));
  for (const char* wrong : {"", "correct", "correct horse ", "Correct horse", "correct horse\n"}) {
    EXPECT_FALSE(key.accepts(wrong)) << wrong;
  }
}

TEST(AdminKey, WithoutOneAcceptsNobody) {
  const AdminKey none("");
  EXPECT_FALSE(none.accepts(""));
  EXPECT_FALSE(none.accepts("anything"));
}

TEST(AdminKey, CanBeReplaced) {
  AdminKey key("old");
  key.set("new");
  EXPECT_TRUE(key.accepts("new"));
  EXPECT_FALSE(key.accepts("old"));
}

TEST(AdminKeyFile, HoldsTheKeyInItsFirstLine) {
  const std::string path = testing::TempDir() + "evently_admin_key_test";
  const auto holding = [&](const char* content) {
    std::ofstream(path, std::ios::trunc) << content;
    return read_key_file(path);
  };
  EXPECT_EQ(holding("secret"), "secret");
  EXPECT_EQ(holding("secret\n"), "secret");
  EXPECT_EQ(holding("two words \t\r\n# comment\n"), "two words");
  EXPECT_EQ(holding(""), std::nullopt);
  EXPECT_EQ(holding("\nsecret\n"), std::nullopt);
  EXPECT_EQ(holding("  \n"), std::nullopt);
  std::remove(path.c_str());
  EXPECT_EQ(read_key_file(path), std::nullopt);
  EXPECT_EQ(read_key_file(testing::TempDir()), std::nullopt) << "a folder";
}

}  // namespace
}  // namespace evently
