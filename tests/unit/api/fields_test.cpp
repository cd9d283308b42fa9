#include "api/http/fields.h"

#include <gtest/gtest.h>

#include "extension/rules/limits.h"

namespace evently {
namespace {

// The fields that are refused, in order.
std::vector<std::string> refused(const FieldErrors& errors) {
  try {
    errors.refuse_if_any();
  } catch (const Refused& error) {
    EXPECT_EQ(error.problem().status, 400);
    EXPECT_EQ(error.problem().code, "invalid-request");
    std::vector<std::string> fields;
    for (const FieldError& each : error.problem().errors) fields.push_back(each.field);
    return fields;
  }
  return {};
}

using Names = std::vector<std::string>;

TEST(Validate, TellsEveryFaultAtOnce) {
  FieldErrors errors;
  Fields fields(R"({"email":1,"start_at":"soon","seats":0})", errors);
  fields.required_email("email");
  fields.required_time("start_at");
  fields.required_label("name");
  fields.required_integer("seats", 1, 10);
  EXPECT_EQ(refused(errors), (Names{"email", "start_at", "name", "seats"}));
}

TEST(Validate, OfABrokenBodyOnlyThat) {
  FieldErrors errors;
  Fields fields("{", errors);
  fields.required_email("email");
  fields.required_integer("seats", 1, 10);
  EXPECT_TRUE(fields.broken());
  EXPECT_EQ(refused(errors), Names{"body"});
}

TEST(Validate, NothingWrongIsNoRefusal) {
  FieldErrors errors;
  Fields fields(R"({"a":1,"unknown":{"b":[]}})", errors);
  EXPECT_EQ(fields.required_integer("a", 0, 2), 1);
  EXPECT_EQ(fields.integer("absent", 0, 2), std::nullopt);
  EXPECT_EQ(refused(errors), Names{});
}

class Integers : public testing::TestWithParam<const char*> {};

TEST_P(Integers, ThatAreNone) {
  FieldErrors errors;
  Fields fields(std::string(R"({"n":)") + GetParam() + '}', errors);
  EXPECT_EQ(fields.integer("n", id_min, id_max), std::nullopt);
  EXPECT_EQ(refused(errors), Names{"n"});
}

INSTANTIATE_TEST_SUITE_P(Validate, Integers,
                         testing::Values("1.5", "1e300", "9007199254740992.0", "true", "null",
                                         "\"1\"", "[]", "{}", "9223372036854775808",
                                         "18446744073709551616", "-9223372036854775809", "0.1"));

TEST(Validate, IntegersMayBeWrittenAsFractions) {
  FieldErrors errors;
  Fields fields(R"({"a":1.0,"b":1e3,"c":-0.0,"d":9007199254740991.0})", errors);
  EXPECT_EQ(fields.integer("a", 1, 5), 1);
  EXPECT_EQ(fields.integer("b", 1, 1000), 1000);
  EXPECT_EQ(fields.integer("c", 0, 5), 0);
  EXPECT_EQ(fields.integer("d", id_min, id_max), 9'007'199'254'740'991);
  EXPECT_EQ(refused(errors), Names{});
}

TEST(Validate, FieldsThatNoReaderAsksForAreErrors) {
  FieldErrors errors;
  Fields fields(R"({"seats":1,"quantity":5,"":0})", errors);
  fields.integer("seats", 1, 5);
  fields.integer("absent", 1, 5);
  fields.refuse_unknown();
  EXPECT_EQ(refused(errors), (Names{"", "quantity"}));
}

TEST(Validate, IntegersHaveBounds) {
  FieldErrors errors;
  Fields fields(
      R"({"min":-9223372036854775808,"max":9223372036854775807,"low":0,"high":1000001,"zero":-0})",
      errors);
  EXPECT_EQ(fields.integer("min", id_min, id_max), id_min);
  EXPECT_EQ(fields.integer("max", id_min, id_max), id_max);
  EXPECT_EQ(fields.integer("zero", 0, 0), 0);
  EXPECT_EQ(refused(errors), Names{});
  fields.integer("low", 1, seats_max);
  fields.integer("high", 1, seats_max);
  EXPECT_EQ(refused(errors), (Names{"low", "high"}));
}

std::optional<std::string> label_of(const std::string& json_text, bool may_be_empty) {
  FieldErrors errors;
  Fields fields(R"({"name":)" + json_text + '}', errors);
  const auto label = fields.label("name", may_be_empty);
  EXPECT_EQ(refused(errors).empty(), label.has_value()) << json_text;
  return label;
}

TEST(Validate, LabelsAreTrimmedAndShort) {
  EXPECT_EQ(label_of(R"("  a b  ")", false), "a b");
  std::string letters;
  for (int i = 0; i < 200; ++i) letters += "ä";
  EXPECT_EQ(label_of("\"   " + letters + "   \"", false), letters);
  EXPECT_EQ(label_of("\"" + letters + "a\"", false), std::nullopt);
  EXPECT_EQ(label_of(R"("   ")", false), std::nullopt);
  EXPECT_EQ(label_of(R"("   ")", true), "");
  for (const char* bad : {R"("a\nb")", R"("\t")", R"("a\u007f")", R"("a\u0085b")", R"("\u200ba")",
                          R"("a\u00a0")", "7", "null"}) {
    EXPECT_EQ(label_of(bad, true), std::nullopt) << bad;
  }
}

bool is_email(const std::string& address) {
  FieldErrors errors;
  Fields fields(nlohmann::json{{"email", address}}.dump(), errors);
  fields.required_email("email");
  return refused(errors).empty();
}

TEST(Validate, EmailsHaveAForm) {
  for (const char* good : {"a@b", "A.B+c@Example.COM", " a@b ", "ü@ü.example"}) {
    EXPECT_TRUE(is_email(good)) << good;
  }
  for (const char* bad : {"", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", "a@ b", "\ta@b"}) {
    EXPECT_FALSE(is_email(bad)) << bad;
  }
  EXPECT_TRUE(is_email(std::string(email_characters_max - 2, 'a') + "@b"));
  EXPECT_FALSE(is_email(std::string(email_characters_max - 1, 'a') + "@b"));
}

TEST(Validate, TimesAreMadeUtc) {
  FieldErrors errors;
  Fields fields(R"({"start_at":"2030-05-01T19:30:00+02:00","other":"2030-05-01"})", errors);
  EXPECT_EQ(fields.required_time("start_at"), "2030-05-01T17:30:00.000000Z");
  EXPECT_EQ(fields.time("absent"), std::nullopt);
  EXPECT_EQ(refused(errors), Names{});
  fields.time("other");
  EXPECT_EQ(refused(errors), Names{"other"});
}

TEST(Validate, KnowsNullFromAbsent) {
  FieldErrors errors;
  Fields fields(R"({"venue":null})", errors);
  EXPECT_TRUE(fields.has("venue"));
  EXPECT_TRUE(fields.is_null("venue"));
  EXPECT_FALSE(fields.has("name"));
  EXPECT_FALSE(fields.is_null("name"));
}

}  // namespace
}  // namespace evently
