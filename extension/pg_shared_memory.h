// The memory that all backends of the server share. Backend zone.
#pragma once

namespace evently {

// From _PG_init, while the server preloads libraries.
void request_shared_memory();

}  // namespace evently
