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

// As long as may be stored, with every character allowed in an address.
bool is_clean(std::string_view address) noexcept {
  std::size_t characters = 0;
  bool has_gap = false;
  bool begins_hidden = false;
  bool ends_hidden = false;
  const bool is_utf8 = each_code_point(address, [&](ucs4_t c) {
    ends_hidden = shows_nothing(c);
    if (characters++ == 0) begins_hidden = ends_hidden;
    if (is_control_character(c) || uc_is_property_white_space(c)) has_gap = true;
  });
  return is_utf8 && characters <= email_characters_max && !has_gap && !begins_hidden &&
         !ends_hidden;
}

// Labels that are not empty, of what ASCII can show.
bool is_ascii_domain(std::string_view domain) noexcept {
  char before = '.';
  for (const char c : domain) {
    if (c <= ' ' || c > '~' || c == '@' || (c == '.' && before == '.')) return false;
    before = c;
  }
  return before != '.';
}

bool append_a_label(std::string_view domain, StoredEmail& stored) noexcept {
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
