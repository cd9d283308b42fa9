// Server settings, evently.*. Backend zone.
#pragma once

namespace evently {

extern bool allow_drop;

void define_settings();

}  // namespace evently
