#include "api/random_id.h"

#include <openssl/rand.h>

#include <stdexcept>
#include <vector>

namespace evently {
namespace {

void fill(unsigned char* bytes, std::size_t count) {
  if (RAND_bytes(bytes, static_cast<int>(count)) != 1) {
    throw std::runtime_error("the system has no randomness");
  }
}

}  // namespace

std::string random_hex(std::size_t bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::vector<unsigned char> random(bytes);
  fill(random.data(), random.size());
  std::string hex;
  hex.reserve(2 * bytes);
  for (const unsigned char byte : random) {
    hex += digits[byte >> 4];
    hex += digits[byte & 0x0f];
  }
  return hex;
}

std::uint32_t random_seed() {
  unsigned char bytes[4];
  fill(bytes, sizeof bytes);
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

}  // namespace evently
