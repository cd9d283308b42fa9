// Names of people, events and venues. Pure: no server headers.
#pragma once

#include <string_view>

namespace evently {

enum class LabelFault { none, length, control_character, edge };

// What forbids storing this UTF-8 text as a name: other than 1 to 200 characters (Unicode code
// points), a control character, or an edge that does not show. So two names that look alike do not
// differ by white space or format characters around them, and a name shows something.
LabelFault fault_of_label(std::string_view label) noexcept;

}  // namespace evently
