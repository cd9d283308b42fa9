#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// An IPv4 or IPv6 address; IPv4 as ::ffff:a.b.c.d, so that there is one form to compare.
using IpAddress = std::array<unsigned char, 16>;
std::optional<IpAddress> parse_ip(std::string_view text);

bool is_ipv4(const IpAddress& address);
bool is_loopback(const IpAddress& address);

// Whose X-Forwarded-For is believed.
class TrustedProxies {
 public:
  // An address or a CIDR block; false when the text is neither.
  bool add(std::string_view text);

  bool trusts(std::string_view address) const;

  // Who really asks: the peer, or behind trusted proxies the last address that none of them has.
  std::string client_of(const std::string& peer, std::string_view forwarded_for) const;

 private:
  struct Block {
    IpAddress network;
    int prefix_bits;  // of 128
  };
  std::vector<Block> blocks_;
};

}  // namespace evently
