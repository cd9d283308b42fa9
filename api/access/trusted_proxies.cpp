#include "api/access/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "runtime/integers.h"
#include "runtime/trimmed.h"

namespace evently {
namespace {

constexpr std::array<unsigned char, 12> ipv4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool same_network(const IpAddress& left, const IpAddress& right, int prefix_bits) {
  const auto whole_bytes = static_cast<std::size_t>(prefix_bits / 8);
  if (std::memcmp(left.data(), right.data(), whole_bytes) != 0) return false;
  const int rest_bits = prefix_bits % 8;
  if (rest_bits == 0) return true;
  const int mask = 0xff00 >> rest_bits & 0xff;
  return (left[whole_bytes] & mask) == (right[whole_bytes] & mask);
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string copy(text);
  if (copy.size() != std::strlen(copy.c_str())) return std::nullopt;
  IpAddress address{};
  if (inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  std::copy(ipv4_prefix.begin(), ipv4_prefix.end(), address.begin());
  if (inet_pton(AF_INET, copy.c_str(), address.data() + ipv4_prefix.size()) == 1) return address;
  return std::nullopt;
}

bool is_ipv4(const IpAddress& address) {
  return std::equal(ipv4_prefix.begin(), ipv4_prefix.end(), address.begin());
}

bool is_loopback(const IpAddress& address) {
  if (is_ipv4(address)) return address[ipv4_prefix.size()] == 127;
  return std::all_of(address.begin(), address.end() - 1, [](unsigned char b) { return b == 0; }) &&
         address.back() == 1;
}

bool TrustedProxies::add(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto network = parse_ip(text.substr(0, slash));
  if (!network) return false;
  const int family_bits = is_ipv4(*network) ? 32 : 128;
  int bits = family_bits;
  if (slash != std::string_view::npos) {
    bits = parse_integer<int>(text.substr(slash + 1)).value_or(-1);
    if (bits < 0 || bits > family_bits) return false;
  }
  blocks_.push_back({*network, 128 - family_bits + bits});
  return true;
}

bool TrustedProxies::trusts(std::string_view address) const {
  const auto parsed = parse_ip(address);
  return parsed && std::any_of(blocks_.begin(), blocks_.end(), [&](const Block& block) {
           return same_network(*parsed, block.network, block.prefix_bits);
         });
}

std::string TrustedProxies::client_of(const std::string& peer,
                                      std::string_view forwarded_for) const {
  std::string client = peer;
  // Each proxy appends who asked it: walk back as long as the one who says so is trusted.
  while (!forwarded_for.empty() && trusts(client)) {
    const std::size_t comma = forwarded_for.rfind(',');
    const std::string_view last = trimmed(
        comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1), " \t");
    if (!parse_ip(last)) break;
    client = last;
    forwarded_for =
        comma == std::string_view::npos ? std::string_view() : forwarded_for.substr(0, comma);
  }
  return client;
}

}  // namespace evently
