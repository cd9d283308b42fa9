#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace evently {

constexpr std::size_t admin_keys_max = 16;
constexpr std::size_t admin_key_bytes_min = 16;
constexpr std::size_t admin_key_bytes_max = 512;

// Why this cannot be an admin key; empty when it can. Never repeats the key.
std::string fault_of_key(const std::string& key);

// The keys of a file, or why it gives none.
struct KeyFile {
  std::vector<std::string> keys;
  std::string fault;  // names the line, never what it holds
};

// One key a line. Empty lines and lines that begin with '#' are skipped, and so are blanks
// round a key.
KeyFile read_key_file(const std::string& path);

// The keys that administrators send: several, so that a new one counts before the old one ends.
// Without any there are no administrators. Thread-safe.
class AdminKeys {
 public:
  explicit AdminKeys(const std::vector<std::string>& keys) { set(keys); }

  void set(const std::vector<std::string>& keys);

  // What may be stored and logged of a key: it opens nothing.
  static std::string name_of(const std::string& key);

  // Takes the same time for every key, right or wrong: digests are compared, whole, with all.
  bool accepts(const std::string& presented) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest(const std::string& key);

  mutable std::mutex mutex_;  // guards accepted_, which a reload changes
  std::vector<Digest> accepted_;
};

}  // namespace evently
