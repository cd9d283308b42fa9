// Which names and addresses are stored, and how.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "extension/texts/email.h"
#include "extension/texts/label.h"

namespace evently {
namespace {

using Texts = std::vector<std::string>;

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// As stored; empty when it is no address.
std::string stored(const std::string& given) {
  const auto address = stored_email(given);
  return address ? std::string(address->text()) : "";
}

TEST(Label, HasFromOneTo200Characters) {
  for (const std::string& letter : Texts{"n", "é", "क", "🐱"}) {
    EXPECT_EQ(fault_of_label(repeated(letter, 200)), LabelFault::none) << letter;
    EXPECT_EQ(fault_of_label(repeated(letter, 201)), LabelFault::length) << letter;
  }
  EXPECT_EQ(fault_of_label(""), LabelFault::length);
}

TEST(Label, HasNoControlCharacters) {
  for (const std::string& bad : Texts{"a\nb", "a\tb", "\x7f", "a\xc2\x85", "\xff", "a\xe2\x82"})
    EXPECT_EQ(fault_of_label(bad), LabelFault::control_character) << bad;
}

TEST(Label, BeginsAndEndsWithWhatShows) {
  for (const std::string& hidden :
       Texts{" ", "\u00a0", "\u2003", "\u3000", "\u200b", "\u200d", "\u200e", "\u2060", "\ufeff",
             "\u00ad", "\u3164", "\u2800"}) {
    EXPECT_EQ(fault_of_label(hidden + "Ann"), LabelFault::edge) << hidden;
    EXPECT_EQ(fault_of_label("Ann" + hidden), LabelFault::edge) << hidden;
    EXPECT_EQ(fault_of_label(hidden), LabelFault::edge) << hidden;
    EXPECT_EQ(fault_of_label("An" + hidden + "n"), LabelFault::none) << hidden;
  }
  EXPECT_EQ(fault_of_label("\ufe0f"), LabelFault::edge) << "a selector alone";
  EXPECT_EQ(fault_of_label("\u0301\u0301"), LabelFault::edge) << "accents alone";
}

TEST(Label, MayEndWithAMark) {
  for (const std::string& good : Texts{"❤️", "e\u0301", "हिन्दी", "👩\u200d🚀", "नमस्ते"})
    EXPECT_EQ(fault_of_label(good), LabelFault::none) << good;
}

TEST(Email, HasOneSpelling) {
  EXPECT_EQ(stored("A.B+c@Example.COM"), "a.b+c@example.com");
  EXPECT_EQ(stored("ann@BÜCHER.example"), "ann@xn--bcher-kva.example");
  EXPECT_EQ(stored("ann@bu\u0308cher.example"), "ann@xn--bcher-kva.example") << "decomposed";
  EXPECT_EQ(stored("ann@XN--BCHER-KVA.example"), "ann@xn--bcher-kva.example");
  EXPECT_EQ(stored("ann@bücher\u3002example"), "ann@xn--bcher-kva.example") << "another full stop";
  EXPECT_EQ(stored("ann@Ｅxample.com"), "ann@example.com") << "full width";
  EXPECT_EQ(stored("Ünal@straße.example"), "Ünal@xn--strae-oqa.example")
      << "of the local part only ASCII changes";
  EXPECT_EQ(stored("a@b"), "a@b");
  EXPECT_EQ(stored("a@[192.0.2.1]"), "a@[192.0.2.1]");
  for (const std::string& ascii :
       Texts{"a@under_score.example", "a@ab--cd.example", "a@r4---sn.example", "a@xn--iny-zx5a.de"})
    EXPECT_EQ(stored(ascii), ascii) << "DNS takes it, so it is not IDNA's to refuse";
}

TEST(Email, IsStableOnceStored) {
  for (const std::string& given : Texts{"a@b", "ann@BÜCHER.example", "a@straße.example", "ü@ü.ü"})
    EXPECT_EQ(stored(stored(given)), stored(given)) << given;
}

TEST(Email, HasAForm) {
  for (const std::string& bad :
       Texts{"",           "ann",        "@",         "ann@",      "@b",        "a@b@c",
             "a b@c",      "a@b c",      "a@b\n",     "\ta@b",     " a@b",      "a@b ",
             "a\u00a0b@c", "a\u200bb@c", "a\u200b@c", "\u200ba@b", "a@b\u200b", "a@b\u3000",
             "\u00ada@b",  "a@.b",       "a@b.",      "a@b..c",    "a@b\u3002", "a@x＠y",
             "a@\u200b",   "\xff@b",     "a@\xff"})
    EXPECT_EQ(stored(bad), "") << bad;
}

TEST(Email, HasAtMost254Characters) {
  const std::string domain = "@example.com";
  EXPECT_EQ(stored(repeated("x", 254 - 12) + domain), repeated("x", 254 - 12) + domain);
  EXPECT_EQ(stored(repeated("🐱", 254 - 12) + domain), repeated("🐱", 254 - 12) + domain);
  EXPECT_EQ(stored(repeated("x", 255 - 12) + domain), "");
  EXPECT_EQ(stored("a@" + repeated("x", 64)), "") << "a label of 64";
  EXPECT_EQ(stored(repeated("x", 254 - 17) + "@bücher.exampl"), "") << "longer as it is stored";
}

}  // namespace
}  // namespace evently
