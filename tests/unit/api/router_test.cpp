#include "api/http/router.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

const Router& router() {
  static const Router router({{"GET", "/events"},
                              {"GET", "/events/{id}"},
                              {"PUT", "/events/{id}"},
                              {"GET", "/events/{id}/bookings"}});
  return router;
}

TEST(Router, FindsARouteAndItsParameters) {
  EXPECT_EQ(router().match("GET", "/events").route, 0u);
  const auto match = router().match("PUT", "/events/17");
  EXPECT_EQ(match.route, 2u);
  EXPECT_EQ(match.parameters, std::vector<std::string>{"17"});
  EXPECT_EQ(router().match("GET", "/events/x y/bookings").parameters,
            std::vector<std::string>{"x y"});
}

TEST(Router, ServesHeadAsGet) {
  EXPECT_EQ(router().match("HEAD", "/events/17").route, 1u);
  EXPECT_EQ(router().match("HEAD", "/events/17").parameters.size(), 1u);
}

TEST(Router, TellsWhatAPathAnswers) {
  const auto wrong = router().match("DELETE", "/events/17");
  EXPECT_FALSE(wrong.route);
  EXPECT_TRUE(wrong.parameters.empty());
  EXPECT_EQ(wrong.allow, "GET, HEAD, PUT, OPTIONS");
  EXPECT_EQ(router().match("POST", "/events").allow, "GET, HEAD, OPTIONS");
  EXPECT_FALSE(router().match("get", "/events").route) << "methods have one spelling";
}

TEST(Router, KnowsNoOtherPath) {
  for (const char* path :
       {"", "/", "/nope", "events", "/events/", "/events//", "//events", "/events/17/",
        "/events//bookings", "/events/1/2/bookings", "/Events", "/events/17/bookings/1", "*"}) {
    const auto match = router().match("GET", path);
    EXPECT_FALSE(match.route) << path;
    EXPECT_EQ(match.allow, "") << path;
  }
}

}  // namespace
}  // namespace evently
