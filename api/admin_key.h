#pragma once

#include <array>
#include <mutex>
#include <optional>
#include <string>

namespace evently {

// The first line of a key file; nullopt when it cannot be read or is empty.
std::optional<std::string> read_key_file(const std::string& path);

// What administrators show. Without a key nobody is an administrator. Thread-safe.
class AdminKey {
 public:
  explicit AdminKey(const std::string& key) { set(key); }

  void set(const std::string& key);

  // Takes the same time for every wrong key: digests are compared, whole.
  bool accepts(const std::string& presented) const;

 private:
  using Digest = std::array<unsigned char, 32>;
  static Digest digest(const std::string& key);

  mutable std::mutex mutex_;  // guards expected_, which a reload changes
  std::optional<Digest> expected_;
};

}  // namespace evently
