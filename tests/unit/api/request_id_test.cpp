#include "api/http/request_id.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

std::string id_for(const std::string& given) {
  RequestHead head;
  head.add("X-Request-Id", given);
  return request_id_of(head);
}

TEST(RequestId, IsTheClientsOwnWhereItIsPlain) {
  EXPECT_EQ(id_for("a.B-3_"), "a.B-3_");
  EXPECT_EQ(id_for(std::string(64, 'x')), std::string(64, 'x'));
}

TEST(RequestId, IsNewOtherwise) {
  for (const std::string& given : {std::string(), std::string(65, 'x'), std::string("a b"),
                                   std::string("\"quoted\""), std::string("\xc3\xa4")}) {
    const std::string id = id_for(given);
    EXPECT_EQ(id.size(), 32u) << given;
    EXPECT_NE(id, given);
    EXPECT_NE(id, id_for(given)) << "each request has its own";
  }
}

}  // namespace
}  // namespace evently
