// E-mail addresses. Pure: no server headers.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "extension/rules/limits.h"

namespace evently {

// An address as it is stored and compared.
class StoredEmail {
 public:
  std::string_view text() const noexcept { return {bytes_, size_}; }

  // False when there is no room.
  bool append(std::string_view part) noexcept;

 private:
  // A character of UTF-8 has up to four bytes.
  char bytes_[4 * email_characters_max];
  std::size_t size_ = 0;
};

// The address in the one form that its other spellings share: ASCII letters in lower case, the
// domain as its A-label (RFC 5890, by UTS #46). Nothing when it is no address: one @ between two
// parts, no character that does not show, a domain of ASCII or one that IDNA takes, at most 254
// characters as given and as stored.
std::optional<StoredEmail> stored_email(std::string_view given) noexcept;

}  // namespace evently
