#include "extension/texts/label.h"

#include "extension/rules/limits.h"
#include "extension/texts/code_points.h"

namespace evently {

LabelFault fault_of_label(std::string_view label) noexcept {
  std::size_t characters = 0;
  bool has_control_character = false;
  bool begins_hidden = false;
  bool ends_hidden = false;
  bool shows = false;
  const bool is_utf8 = each_code_point(label, [&](ucs4_t c) {
    ends_hidden = shows_nothing(c);
    if (characters++ == 0) begins_hidden = ends_hidden;
    if (is_control_character(c)) has_control_character = true;
    // A mark alone, such as a selector of a variant, is nothing to see.
    if (!ends_hidden && !uc_is_general_category_withtable(c, UC_CATEGORY_MASK_M)) shows = true;
  });
  if (!is_utf8 || has_control_character) return LabelFault::control_character;
  if (characters == 0 || characters > label_characters_max) return LabelFault::length;
  return begins_hidden || ends_hidden || !shows ? LabelFault::edge : LabelFault::none;
}

}  // namespace evently
