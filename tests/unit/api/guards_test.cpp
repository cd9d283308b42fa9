#include "api/http/guards.h"

#include <gtest/gtest.h>

#include <boost/version.hpp>

#include "tests/support/parsed_request.h"

namespace evently {
namespace {

constexpr std::size_t body_bytes_max = 1000;
constexpr bool takes_body = true;
const std::string host = "Host: x\r\n";

// 0: let in.
int status_of(const std::optional<Problem>& problem) {
  return problem ? problem->status : 0;
}

int head_status(const std::string& fields, const std::string& target = "/events?limit=5",
                const std::string& line_end = " HTTP/1.1", const std::string& method = "GET") {
  const ParsedRequest parsed(method + ' ' + target + line_end + "\r\n" + fields + "\r\n");
  return parsed.well_formed ? status_of(check_head(parsed.request)) : -1;
}

int body_status(const std::string& fields, const char* method = "POST", bool takes = takes_body,
                const char* version = "1.1") {
  const ParsedRequest parsed(std::string(method) + " / HTTP/" + version + "\r\n" + fields + "\r\n");
  return parsed.well_formed ? status_of(check_body(parsed.request, takes, body_bytes_max)) : -1;
}

TEST(Guards, LetOrdinaryRequestsIn) {
  EXPECT_EQ(head_status("Host: x\r\nAccept: */*\r\n"), 0);
  EXPECT_EQ(body_status("Content-Type: application/json\r\nContent-Length: 1000\r\n"), 0);
  EXPECT_EQ(body_status("", "GET", !takes_body), 0);
  EXPECT_EQ(body_status("", "DELETE", !takes_body), 0);
  EXPECT_EQ(body_status("Content-Length: 0\r\n", "GET", !takes_body), 0);
}

TEST(Guards, BoundThePath) {
  EXPECT_EQ(head_status(host, '/' + std::string(511, 'a')), 0);
  EXPECT_EQ(head_status(host, '/' + std::string(512, 'a')), 414);
  EXPECT_EQ(head_status(host, "/?" + std::string(2000, 'a')), 0);
}

TEST(Guards, BoundTheNumberOfFields) {
  std::string fields = host;
  for (std::size_t i = 1; i < header_fields_max; ++i) fields += "A: b\r\n";
  EXPECT_EQ(head_status(fields), 0);
  EXPECT_EQ(head_status(fields + "A: b\r\n"), 431);
}

TEST(Guards, KnowTheMethods) {
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    EXPECT_EQ(head_status(host, "/events", " HTTP/1.1", method), 0) << method;
  for (const char* method : {"BREW", "get", "TRACE", "PROPFIND"})
    EXPECT_EQ(head_status(host, "/events", " HTTP/1.1", method), 501) << method;
}

TEST(Guards, TakeTargetsOfAnyForm) {
  for (const char* target : {"/", "/events", "*", "http://shop.example/events?limit=1"})
    EXPECT_EQ(head_status(host, target), 0) << target;
  for (const char* target : {"events", "ftp://x/", "/events?x=%zz", "/events?x=\xff", "http:/x"})
    EXPECT_EQ(head_status(host, target), 400) << target;
}

TEST(Guards, WantTheNameOfOneHost) {
  for (const char* fields : {"Host: x\r\n", "host: [::1]:8080\r\n", "Host:\r\n"})
    EXPECT_EQ(head_status(fields), 0) << fields;
  for (const char* fields : {"", "Host: x\r\nHost: x\r\n", "Host: a b\r\n", "Host: a/b\r\n",
                             "Host: x, y\r\n", "Host: user@x\r\n", "Host: x:port\r\n"})
    EXPECT_EQ(head_status(fields), 400) << fields;
  EXPECT_EQ(head_status("", "/events", " HTTP/1.0"), 0);
  EXPECT_EQ(head_status("Host: x\r\nHost: y\r\n", "/events", " HTTP/1.0"), 400);
}

TEST(Guards, WantABodyToHaveAnEnd) {
  EXPECT_EQ(body_status("Content-Type: application/json\r\n"), 411);
  EXPECT_EQ(body_status("Content-Type: application/json\r\nTransfer-Encoding: Chunked\r\n"), 0);
  // The parser of 1.92 refuses it itself, that of 1.83 leaves it to us.
  EXPECT_EQ(body_status("Transfer-Encoding: chunked\r\n", "POST", takes_body, "1.0"),
            BOOST_VERSION < 109200 ? 400 : -1);
  EXPECT_EQ(body_status("Transfer-Encoding: gzip, chunked\r\n"), 501);
  for (const char* codings : {"gzip", "identity", "chunked, chunked", "chunked, gzip", ""})
    EXPECT_EQ(body_status(std::string("Transfer-Encoding: ") + codings + "\r\n"), -1) << codings;
  EXPECT_EQ(body_status("Transfer-Encoding: chunked\r\n", "GET", !takes_body), 400);
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

}  // namespace
}  // namespace evently
