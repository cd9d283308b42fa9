#include "api/http/request_id.h"

#include <algorithm>

#include "runtime/random_id.h"

namespace evently {
namespace {

constexpr std::size_t bytes_max = 64;

bool is_plain(const std::string& id) {
  return !id.empty() && id.size() <= bytes_max && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace

std::string request_id_of(const RequestHead& head) {
  std::string given = head.joined("X-Request-Id").value_or("");
  return is_plain(given) ? given : random_hex(16);
}

}  // namespace evently
