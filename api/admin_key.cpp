#include "api/admin_key.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <fstream>

namespace evently {

std::optional<std::string> read_key_file(const std::string& path) {
  std::ifstream file(path);
  std::string key;
  if (!std::getline(file, key)) return std::nullopt;
  while (!key.empty() && (key.back() == '\r' || key.back() == ' ' || key.back() == '\t')) {
    key.pop_back();
  }
  if (key.empty()) return std::nullopt;
  return key;
}

AdminKey::Digest AdminKey::digest(const std::string& key) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  return digest;
}

void AdminKey::set(const std::string& key) {
  const std::optional<Digest> expected =
      key.empty() ? std::nullopt : std::optional<Digest>(digest(key));
  const std::lock_guard lock(mutex_);
  expected_ = expected;
}

bool AdminKey::accepts(const std::string& presented) const {
  const Digest given = digest(presented);
  const std::lock_guard lock(mutex_);
  return expected_ && CRYPTO_memcmp(given.data(), expected_->data(), given.size()) == 0;
}

}  // namespace evently
