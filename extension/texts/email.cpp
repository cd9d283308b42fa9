#include "extension/texts/email.h"

#include <idn2.h>

#include <cstring>

#include "extension/texts/code_points.h"

namespace evently {
namespace {

constexpr std::size_t domain_bytes_max = 4 * email_characters_max;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// As long as may be stored, and nothing in it that does not show.
bool is_clean(std::string_view address) noexcept {
  std::size_t characters = 0;
  bool shows = true;
  const bool is_utf8 = each_code_point(address, [&](ucs4_t c) {
    ++characters;
    if (shows_nothing(c)) shows = false;
  });
  return is_utf8 && characters <= email_characters_max && shows;
}

// Labels of 1 to 63 characters that ASCII can show.
bool is_ascii_domain(std::string_view domain) noexcept {
  constexpr std::size_t label_max = 63;
  std::size_t length = 0;
  for (const char c : domain) {
    if (c <= ' ' || c > '~' || c == '@') return false;
    if (c == '.' && length == 0) return false;
    length = c == '.' ? 0 : length + 1;
    if (length > label_max) return false;
  }
  return length > 0;
}

bool append_a_label(std::string_view domain, StoredEmail& stored) noexcept {
  // What IDNA would say of it depends on the library's release, and DNS takes more.
  if (is_ascii_domain(domain)) return stored.append(domain);
  unsigned char given[domain_bytes_max + 1];
  if (domain.size() > domain_bytes_max) return false;
  std::memcpy(given, domain.data(), domain.size());
  given[domain.size()] = 0;
  unsigned char* found = nullptr;
  if (idn2_lookup_u8(given, &found, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK) return false;
  const std::string_view ascii(reinterpret_cast<const char*>(found));
  const bool taken = is_ascii_domain(ascii) && stored.append(ascii);
  idn2_free(found);
  return taken;
}

}  // namespace

bool StoredEmail::append(std::string_view part) noexcept {
  if (part.size() > sizeof bytes_ - size_) return false;
  for (const char c : part) bytes_[size_++] = lower(c);
  return true;
}

std::optional<StoredEmail> stored_email(std::string_view given) noexcept {
  const std::size_t at = given.find('@');
  if (at == 0 || at == std::string_view::npos || !is_clean(given)) return std::nullopt;
  const std::string_view domain = given.substr(at + 1);
  if (domain.find('@') != std::string_view::npos) return std::nullopt;

  StoredEmail stored;
  if (!stored.append(given.substr(0, at + 1)) || !append_a_label(domain, stored) ||
      !is_clean(stored.text())) {
    return std::nullopt;
  }
  return stored;
}

}  // namespace evently
