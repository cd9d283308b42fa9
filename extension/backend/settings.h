// Server settings, evently.*. Backend zone.
#pragma once

namespace evently {

extern bool allow_drop;
extern bool notify;

void define_settings();

}  // namespace evently
