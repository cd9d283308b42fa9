#include "api/http/guards.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

constexpr std::size_t body_bytes_max = 1000;
constexpr bool takes_body = true;

std::string head_with(const std::string& fields) {
  return "POST / HTTP/1.1\r\n" + fields + "\r\n";
}

// 0: let in.
int head_status(const std::string& fields, const std::string& target = "/events?limit=5") {
  const std::string text = head_with(fields);
  const auto problem = check_head(RequestHead(text), target);
  return problem ? problem->status : 0;
}

int body_status(const std::string& fields, const char* method = "POST", bool takes = takes_body) {
  const std::string text = head_with(fields);
  const auto problem = check_body(RequestHead(text), method, takes, body_bytes_max);
  return problem ? problem->status : 0;
}

TEST(Guards, LetOrdinaryRequestsIn) {
  EXPECT_EQ(head_status("Host: x\r\nAccept: */*\r\n"), 0);
  EXPECT_EQ(body_status("Content-Type: application/json\r\nContent-Length: 1000\r\n"), 0);
  EXPECT_EQ(body_status("", "GET", !takes_body), 0);
  EXPECT_EQ(body_status("", "DELETE", !takes_body), 0);
  EXPECT_EQ(body_status("Content-Length: 0\r\n", "GET", !takes_body), 0);
}

TEST(Guards, BoundThePath) {
  EXPECT_EQ(head_status("", '/' + std::string(511, 'a')), 0);
  EXPECT_EQ(head_status("", '/' + std::string(512, 'a')), 414);
  EXPECT_EQ(head_status("", "/?" + std::string(2000, 'a')), 0);
}

TEST(Guards, BoundTheNumberOfFields) {
  std::string fields;
  for (std::size_t i = 0; i < header_fields_max; ++i) fields += "A: b\r\n";
  EXPECT_EQ(head_status(fields), 0);
  EXPECT_EQ(head_status(fields + "A: b\r\n"), 431);
}

TEST(Guards, RefuseRangesAndMalformedHeads) {
  EXPECT_EQ(head_status("Range: bytes=0-1\r\n"), 400);
  EXPECT_EQ(head_status("Content-Length : 5\r\n"), 400);
}

TEST(Guards, WantALengthForABody) {
  EXPECT_EQ(body_status("Content-Type: application/json\r\n"), 411);
  EXPECT_EQ(body_status("Transfer-Encoding: chunked\r\n"), 411);
  EXPECT_EQ(body_status("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 411);
  EXPECT_EQ(body_status("Transfer-Encoding: chunked\r\n", "GET", !takes_body), 411);
  EXPECT_EQ(body_status("Content-Length: five\r\n"), 400);
  EXPECT_EQ(body_status("Content-Length: 5\r\nContent-Length: 5\r\n"), 400);
}

TEST(Guards, BoundTheBody) {
  EXPECT_EQ(body_status("Content-Type: application/json\r\nContent-Length: 1001\r\n"), 413);
  EXPECT_EQ(body_status("Content-Type: text/plain\r\nContent-Length: 1001\r\n"), 413);
}

TEST(Guards, TakeJsonOnly) {
  for (const char* type : {"application/json", "Application/JSON; charset=utf-8",
                           "application/json ;x=y", "application/vnd.evently+json"}) {
    EXPECT_EQ(body_status(std::string("Content-Length: 5\r\nContent-Type: ") + type + "\r\n"), 0)
        << type;
  }
  for (const char* type : {"", "text/json", "application/jsonx", "application/+json", "+json",
                           "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                           "application/json, text/plain"}) {
    EXPECT_EQ(body_status(std::string("Content-Length: 5\r\nContent-Type: ") + type + "\r\n"), 415)
        << type;
  }
  EXPECT_EQ(body_status("Content-Length: 5\r\n"), 415);
  EXPECT_EQ(body_status("Content-Length: 0\r\n"), 0) << "what an empty body lacks is said there";
  EXPECT_EQ(body_status("Content-Encoding: gzip\r\nContent-Length: 5\r\n"), 415);
}

TEST(Guards, RefuseABodyWhereNoneBelongs) {
  for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    EXPECT_EQ(body_status("Content-Length: 5\r\n", method, !takes_body), 400) << method;
  }
  EXPECT_EQ(
      body_status("Content-Length: 5\r\nContent-Type: application/json\r\n", "POST", !takes_body),
      0)
      << "of no use there, of no harm";
}

TEST(Guards, KnowWhenBytesAreStillToCome) {
  const auto expects_bytes = [](const std::string& fields) {
    const std::string text = head_with(fields);
    return may_have_body(RequestHead(text));
  };
  EXPECT_FALSE(expects_bytes(""));
  EXPECT_FALSE(expects_bytes("Content-Length: 0\r\n"));
  EXPECT_TRUE(expects_bytes("Content-Length: 1\r\n"));
  EXPECT_TRUE(expects_bytes("Content-Length: x\r\n"));
  EXPECT_TRUE(expects_bytes("Transfer-Encoding: chunked\r\n"));
}

}  // namespace
}  // namespace evently
