#include "api/access/admin_key.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "runtime/digits.h"
#include "runtime/trimmed.h"

namespace evently {
namespace {

constexpr std::size_t file_bytes_max = 65'536;

constexpr const char* blanks = " \t\r";

KeyFile refused(std::string fault) {
  return {{}, std::move(fault)};
}

}  // namespace

std::string fault_of_key(const std::string& key) {
  if (key.size() < admin_key_bytes_min) {
    return "is shorter than " + std::to_string(admin_key_bytes_min) + " bytes";
  }
  if (key.size() > admin_key_bytes_max) {
    return "is longer than " + std::to_string(admin_key_bytes_max) + " bytes";
  }
  const bool printable =
      std::all_of(key.begin(), key.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  // Headers arrive without the blanks round them and without control characters.
  if (!printable || trimmed(key, blanks) != key) {
    return "cannot be sent in a header: it has control characters, or blanks at an end";
  }
  return "";
}

KeyFile read_key_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  KeyFile found;
  std::string line;
  std::size_t bytes = 0;
  for (int number = 1; std::getline(file, line); ++number) {
    bytes += line.size() + 1;
    if (bytes > file_bytes_max) return refused("is longer than 64 KiB");
    const std::string key(trimmed(line, blanks));
    if (key.empty() || key.front() == '#') continue;
    const std::string fault = fault_of_key(key);
    if (!fault.empty()) return refused("the key in line " + std::to_string(number) + ' ' + fault);
    if (found.keys.size() == admin_keys_max) {
      return refused("has more than " + std::to_string(admin_keys_max) + " keys");
    }
    found.keys.push_back(key);
  }
  // The end sets both eofbit and failbit; a file that was not there, or a folder, only others.
  if (!file.eof()) return refused("cannot be read");
  if (found.keys.empty()) return refused("holds no key");
  return found;
}

AdminKeys::Digest AdminKeys::digest(const std::string& key) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(key.data()), key.size(), digest.data());
  return digest;
}

std::string AdminKeys::name_of(const std::string& key) {
  constexpr std::size_t named_bytes = 8;
  const Digest bytes = digest(key);
  std::string name = "admin-key-";
  for (std::size_t i = 0; i < named_bytes; ++i) append_hex(name, bytes[i]);
  return name;
}

void AdminKeys::set(const std::vector<std::string>& keys) {
  std::vector<Digest> accepted;
  for (const std::string& key : keys) accepted.push_back(digest(key));
  const std::lock_guard lock(mutex_);
  accepted_.swap(accepted);
}

bool AdminKeys::accepts(const std::string& presented) const {
  const Digest given = digest(presented);
  bool found = false;
  const std::lock_guard lock(mutex_);
  for (const Digest& accepted : accepted_) {
    const bool equal = CRYPTO_memcmp(given.data(), accepted.data(), given.size()) == 0;
    found = found | equal;  // no short cut: the time must not tell which key it was
  }
  return found;
}

}  // namespace evently
