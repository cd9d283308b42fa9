#include "api/access/admin_key.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace evently {
namespace {

using Keys = std::vector<std::string>;

const std::string old_key = "correct horse battery";
const std::string new_key = "staple of the next year";

TEST(AdminKeys, AcceptOnlyThemselves) {
  const AdminKeys keys({old_key, new_key});
  EXPECT_TRUE(keys.accepts(old_key));
  EXPECT_TRUE(keys.accepts(new_key));
  for (const std::string& wrong :
       Keys{"", "correct", old_key + " ", "Correct horse battery", old_key + "\n",
            old_key + new_key, new_key.substr(1), std::string(30'000, 'x')}) {
    EXPECT_FALSE(keys.accepts(wrong)) << wrong.substr(0, 50);
  }
}

TEST(AdminKeys, WithoutOneEachKeyIsRefused) {
  const AdminKeys none({});
  EXPECT_FALSE(none.accepts(""));
  EXPECT_FALSE(none.accepts("anything"));
}

TEST(AdminKeys, HaveNamesThatOpenNothing) {
  const std::string key = "an-admin-key-of-some-length";
  const std::string name = AdminKeys::name_of(key);
  EXPECT_EQ(name, AdminKeys::name_of(key));
  EXPECT_NE(name, AdminKeys::name_of(key + "x"));
  EXPECT_EQ(name.size(), std::string("admin-key-").size() + 16);
  EXPECT_FALSE(AdminKeys({key}).accepts(name));
}

TEST(AdminKeys, CanBeReplaced) {
  AdminKeys keys({old_key});
  keys.set({old_key, new_key});
  EXPECT_TRUE(keys.accepts(old_key));
  EXPECT_TRUE(keys.accepts(new_key));
  keys.set({new_key});
  EXPECT_TRUE(keys.accepts(new_key));
  EXPECT_FALSE(keys.accepts(old_key));
}

TEST(AdminKeys, AreOfSomeLengthAndFitAHeader) {
  EXPECT_EQ(fault_of_key(std::string(admin_key_bytes_min, 'k')), "");
  EXPECT_EQ(fault_of_key(std::string(admin_key_bytes_max, 'k')), "");
  for (const std::string& bad :
       Keys{"", std::string(admin_key_bytes_min - 1, 'k'),
            std::string(admin_key_bytes_max + 1, 'k'), "a key with a blank ", " a key with a blank",
            "a key with\na line end", "a key with \x7f in it"}) {
    const std::string fault = fault_of_key(bad);
    EXPECT_NE(fault, "") << bad;
    if (bad.empty()) continue;
    EXPECT_EQ(fault.find(bad), std::string::npos) << "a fault goes into logs";
  }
}

class AdminKeyFile : public testing::Test {
 protected:
  ~AdminKeyFile() override { std::remove(path_.c_str()); }

  KeyFile holding(const std::string& content) {
    std::ofstream(path_, std::ios::trunc | std::ios::binary) << content;
    return read_key_file(path_);
  }
  // A file with a fault gives no keys at all, not the good ones among them.
  void expect_fault(const KeyFile& file, const std::string& said) {
    EXPECT_TRUE(file.keys.empty());
    EXPECT_NE(file.fault.find(said), std::string::npos) << file.fault;
  }

  const std::string path_ = testing::TempDir() + "evently_admin_key_test";
};

TEST_F(AdminKeyFile, HoldsAKeyALine) {
  EXPECT_EQ(holding(old_key).keys, Keys{old_key});
  EXPECT_EQ(holding(old_key + "\n").keys, Keys{old_key});
  EXPECT_EQ(holding(old_key + "\n" + new_key + "\n").keys, (Keys{old_key, new_key}));
  const KeyFile annotated =
      holding("# until May\r\n  " + old_key + " \t\r\n\r\n\t# from May\n" + new_key + "\n\n");
  EXPECT_EQ(annotated.keys, (Keys{old_key, new_key}));
  EXPECT_EQ(annotated.fault, "");
}

TEST_F(AdminKeyFile, SaysWhatIsWrongAndNoKey) {
  expect_fault(holding(""), "no key");
  expect_fault(holding("\n  \n# only a comment\n"), "no key");
  const KeyFile too_short = holding(old_key + "\n\nshort-key\n");
  expect_fault(too_short, "line 3");
  EXPECT_EQ(too_short.fault.find("short-key"), std::string::npos);
  expect_fault(holding(old_key + "\nbell \a in the middle\n"), "line 2");
  expect_fault(holding(std::string(70'000, '#')), "64 KiB");
  std::string many;
  for (std::size_t i = 0; i < admin_keys_max; ++i) many += old_key + std::to_string(i) + "\n";
  EXPECT_EQ(holding(many).keys.size(), admin_keys_max);
  expect_fault(holding(many + new_key), "more than 16");
}

TEST_F(AdminKeyFile, MustBeReadable) {
  std::remove(path_.c_str());
  expect_fault(read_key_file(path_), "cannot be read");
  expect_fault(read_key_file(testing::TempDir()), "cannot be read");
}

}  // namespace
}  // namespace evently
