// Walks over the characters of UTF-8 text. Pure: no server headers.
#pragma once

#include <unictype.h>
#include <unistr.h>

#include <string_view>

namespace evently {

// Calls `visit` with each code point; false when the text is no UTF-8.
template <class Visit>
bool each_code_point(std::string_view text, Visit visit) noexcept {
  const auto* next = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = next + text.size();
  while (next < end) {
    ucs4_t code_point = 0;
    const int bytes = u8_mbtoucr(&code_point, next, static_cast<std::size_t>(end - next));
    if (bytes < 1) return false;
    visit(code_point);
    next += bytes;
  }
  return true;
}

inline bool is_control_character(ucs4_t c) noexcept {
  return uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cc);
}

// White space, format characters, fillers and the empty Braille pattern. Not the selectors of a
// variant (Mn), which change the character before them.
inline bool shows_nothing(ucs4_t c) noexcept {
  constexpr ucs4_t braille_blank = 0x2800;
  return uc_is_property_white_space(c) ||
         uc_is_general_category_withtable(c, UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Cc) ||
         (uc_is_property_default_ignorable_code_point(c) &&
          !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M)) ||
         c == braille_blank;
}

}  // namespace evently
