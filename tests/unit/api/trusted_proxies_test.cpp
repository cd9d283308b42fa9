#include "api/access/trusted_proxies.h"

#include <gtest/gtest.h>

namespace evently {
namespace {

TrustedProxies trusting(std::initializer_list<const char*> blocks) {
  TrustedProxies proxies;
  for (const char* block : blocks) EXPECT_TRUE(proxies.add(block)) << block;
  return proxies;
}

TEST(TrustedProxies, AreAddressesAndBlocks) {
  const TrustedProxies proxies = trusting({"192.0.2.1", "10.0.0.0/8", "172.16.0.0/12", "fd00::/9"});
  for (const char* address :
       {"192.0.2.1", "10.255.0.1", "172.31.255.255", "fd00::1", "fd7f::1", "::ffff:10.1.1.1"}) {
    EXPECT_TRUE(proxies.trusts(address)) << address;
  }
  for (const char* address :
       {"192.0.2.2", "11.0.0.1", "172.32.0.0", "fd80::1", "::1", "", "x", "10.0.0.1 ", "10.0.0"}) {
    EXPECT_FALSE(proxies.trusts(address)) << address;
  }
}

TEST(TrustedProxies, MayBeAllOfAFamily) {
  EXPECT_TRUE(trusting({"0.0.0.0/0"}).trusts("203.0.113.9"));
  EXPECT_FALSE(trusting({"0.0.0.0/0"}).trusts("2001:db8::1"));
  EXPECT_TRUE(trusting({"::/0"}).trusts("2001:db8::1"));
}

TEST(TrustedProxies, RefuseWhatIsNeither) {
  for (const char* text : {"", "localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/",
                           "10.0.0.0/8x", "::/129", "10.0.0.0/8/8", "/8"}) {
    EXPECT_FALSE(TrustedProxies().add(text)) << text;
  }
}

TEST(TrustedProxies, TellWhoReallyAsks) {
  const TrustedProxies proxies = trusting({"10.0.0.0/8"});
  EXPECT_EQ(proxies.client_of("203.0.113.9", "198.51.100.1"), "203.0.113.9") << "not our proxy";
  EXPECT_EQ(proxies.client_of("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(proxies.client_of("10.0.0.1", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(proxies.client_of("10.0.0.1", "1.1.1.1, 198.51.100.1 , 10.0.0.2"), "198.51.100.1")
      << "what stands before is the client's own invention";
  EXPECT_EQ(proxies.client_of("10.0.0.1", "1.1.1.1, garbage"), "10.0.0.1");
  EXPECT_EQ(proxies.client_of("10.0.0.1", "10.0.0.3,10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(proxies.client_of("10.0.0.1", ",,,"), "10.0.0.1");
  EXPECT_EQ(TrustedProxies().client_of("10.0.0.1", "198.51.100.1"), "10.0.0.1");
}

TEST(IpAddress, KnowsLoopback) {
  for (const char* text : {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(is_loopback(parse_ip(text).value())) << text;
  }
  for (const char* text : {"0.0.0.0", "::", "128.0.0.1", "::2", "::1:1"}) {
    EXPECT_FALSE(is_loopback(parse_ip(text).value())) << text;
  }
}

}  // namespace
}  // namespace evently
