// The background workers that send the notifications. Backend zone.
#pragma once

namespace evently {

// From _PG_init, while the server preloads libraries.
void register_launcher();

}  // namespace evently
