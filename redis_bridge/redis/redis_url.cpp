#include "redis_bridge/redis/redis_url.h"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "runtime/integers.h"

namespace evently {
namespace {

constexpr std::string_view form = "redis://[user:password@]host[:port][/database]";
constexpr int database_max = 1'000'000;

[[noreturn]] void refuse(const std::string& what) {
  throw std::invalid_argument(what);
}

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string percent_decoded(std::string_view text, const char* part) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    unsigned int byte = 0;  // unsigned, so that no sign is read as a digit
    const char* digits = text.data() + i + 1;
    const bool long_enough = i + 2 < text.size();
    if (!long_enough || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) {
      refuse(std::string("the ") + part + " holds a '%' that is not followed by two hex digits");
    }
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

int number(std::string_view text, const char* part, int min, int max) {
  const std::optional<int> value = parse_integer<int>(text);
  if (!value || *value < min || *value > max) {
    refuse(std::string("the ") + part + " must be a whole number from " + std::to_string(min) +
           " to " + std::to_string(max));
  }
  return *value;
}

void parse_credentials(std::string_view credentials, RedisUrl& url) {
  const std::size_t colon = credentials.find(':');
  if (colon == std::string_view::npos) refuse("credentials must be written user:password@");
  url.user = percent_decoded(credentials.substr(0, colon), "user");
  url.password = percent_decoded(credentials.substr(colon + 1), "password");
  if (url.password.empty()) refuse("the password is empty");
}

void parse_address(std::string_view address, RedisUrl& url) {
  std::string_view port;
  bool has_port = false;
  if (starts_with(address, "[")) {  // an IPv6 address
    const std::size_t close = address.find(']');
    if (close == std::string_view::npos) refuse("the host lacks its closing ']'");
    const std::string_view rest = address.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') refuse("after ']' only :port may follow");
    url.host = std::string(address.substr(1, close - 1));
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
  } else {
    const std::size_t colon = address.find(':');
    url.host = percent_decoded(address.substr(0, colon), "host");
    has_port = colon != std::string_view::npos;
    if (has_port) port = address.substr(colon + 1);
  }
  if (url.host.empty()) refuse("the host is missing; the form is " + std::string(form));
  if (url.host.find('\0') != std::string::npos) refuse("the host holds a NUL byte");
  if (has_port) url.port = number(port, "port", 1, 65535);
}

}  // namespace

RedisUrl parse_redis_url(const std::string& text) {
  constexpr std::string_view scheme = "redis://";
  if (starts_with(text, "rediss://")) {
    refuse(
        "TLS is not supported by this hiredis; use redis:// over a private network or a local "
        "tunnel");
  }
  if (!starts_with(text, scheme)) refuse("must have the form " + std::string(form));

  RedisUrl url;
  std::string_view rest = std::string_view(text).substr(scheme.size());
  // The last '@' divides, so that an unencoded one in a password does no harm; neither does a '/'.
  const std::size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    parse_credentials(rest.substr(0, at), url);
    rest.remove_prefix(at + 1);
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    refuse("'?' and '#' are not supported; the form is " + std::string(form));
  }
  const std::size_t slash = rest.find('/');
  parse_address(rest.substr(0, slash), url);
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    url.database = number(rest.substr(slash + 1), "database", 0, database_max);
  }
  return url;
}

}  // namespace evently
