#include "redis_bridge/redis/redis_url.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace evently {
namespace {

std::string refusal_of(const std::string& url) {
  try {
    parse_redis_url(url);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(RedisUrl, NeedsNoMoreThanAHost) {
  for (const char* text : {"redis://cache", "redis://cache/"}) {
    const RedisUrl url = parse_redis_url(text);
    EXPECT_EQ(url.host, "cache");
    EXPECT_EQ(url.port, 6379);
    EXPECT_EQ(url.user, "");
    EXPECT_EQ(url.password, "");
    EXPECT_EQ(url.database, 0);
  }
}

TEST(RedisUrl, HasAllItsParts) {
  const RedisUrl url = parse_redis_url("redis://me:secret@10.0.0.1:6380/12");
  EXPECT_EQ(url.host, "10.0.0.1");
  EXPECT_EQ(url.port, 6380);
  EXPECT_EQ(url.user, "me");
  EXPECT_EQ(url.password, "secret");
  EXPECT_EQ(url.database, 12);
}

TEST(RedisUrl, ThePasswordAloneMayStand) {
  const RedisUrl url = parse_redis_url("redis://:secret@h");
  EXPECT_EQ(url.user, "");
  EXPECT_EQ(url.password, "secret");
}

TEST(RedisUrl, PartsArePercentDecoded) {
  const RedisUrl url = parse_redis_url("redis://a%40b:%25%3a%2F%00x@h");
  EXPECT_EQ(url.user, "a@b");
  EXPECT_EQ(url.password, std::string("%:/\0x", 5));
}

TEST(RedisUrl, APasswordMayHoldUnencodedSigns) {
  const RedisUrl url = parse_redis_url("redis://:a@b/c?d:e@h:1/2");
  EXPECT_EQ(url.password, "a@b/c?d:e");
  EXPECT_EQ(url.host, "h");
  EXPECT_EQ(url.port, 1);
  EXPECT_EQ(url.database, 2);
}

TEST(RedisUrl, TakesAnIpv6Address) {
  EXPECT_EQ(parse_redis_url("redis://[::1]").host, "::1");
  const RedisUrl url = parse_redis_url("redis://:p@[fe80::2]:7000/1");
  EXPECT_EQ(url.host, "fe80::2");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(url.database, 1);
}

TEST(RedisUrl, RefusesTlsWithAWordOnWhatToDo) {
  EXPECT_EQ(refusal_of("rediss://h"),
            "TLS is not supported by this hiredis; use redis:// over a private network or a local "
            "tunnel");
}

TEST(RedisUrl, RefusesAllElse) {
  for (const char* url : {"",
                          "h:6379",
                          "http://h",
                          "redis:/h",
                          "redis://",
                          "redis://:6379",
                          "redis:///1",
                          "redis://h:",
                          "redis://h:0",
                          "redis://h:65536",
                          "redis://h:x",
                          "redis://h:1x",
                          "redis://h/x",
                          "redis://h/-1",
                          "redis://h/1/2",
                          "redis://h?db=1",
                          "redis://h/1#x",
                          "redis://user@h",
                          "redis://user:@h",
                          "redis://:%2@h",
                          "redis://:%zz@h",
                          "redis://:%-1@h",
                          "redis://:%@h",
                          "redis://[::1",
                          "redis://[::1]6379",
                          "redis://[]",
                          "redis://a%00b"}) {
    EXPECT_NE(refusal_of(url), "accepted") << url;
  }
}

TEST(RedisUrl, NoRefusalRepeatsThePassword) {
  for (const char* url : {"redis://u:hunter2@", "redis://u:hunter2@h:x", "redis://u:hunter2@h/x",
                          "redis://u:hunter2%@h", "x://u:hunter2@h", "rediss://u:hunter2@h"}) {
    const std::string refusal = refusal_of(url);
    EXPECT_NE(refusal, "accepted") << url;
    EXPECT_EQ(refusal.find("hunter2"), std::string::npos) << refusal;
  }
}

}  // namespace
}  // namespace evently
