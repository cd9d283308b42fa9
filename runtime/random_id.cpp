#include "runtime/random_id.h"

#include <openssl/rand.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "runtime/digits.h"

namespace evently {
namespace {

// OpenSSL's generator is made for blocks: a call costs ten times as much as 16 bytes of its answer.
// Bytes are handed out once, and no thread sees those of another. The service does not fork.
class RandomBlock {
 public:
  unsigned char next() {
    if (used_ == block_.size()) {
      if (RAND_bytes(block_.data(), static_cast<int>(block_.size())) != 1) {
        throw std::runtime_error("the system has no randomness");
      }
      used_ = 0;
    }
    return block_[used_++];
  }

 private:
  std::array<unsigned char, 1024> block_;
  std::size_t used_ = block_.size();
};

thread_local RandomBlock random_block;

}  // namespace

std::string random_hex(std::size_t bytes) {
  std::string hex;
  hex.reserve(2 * bytes);
  for (std::size_t i = 0; i < bytes; ++i) append_hex(hex, random_block.next());
  return hex;
}

std::string time_ordered_id() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  constexpr std::size_t random_bytes = 10;
  return fmt::format("{:012x}", unix_ms) + random_hex(random_bytes);
}

std::uint32_t random_seed() {
  std::uint32_t seed = 0;
  for (int i = 0; i < 4; ++i) seed = seed << 8 | random_block.next();
  return seed;
}

}  // namespace evently
