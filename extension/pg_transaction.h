// What happens at the end of a transaction and of a subtransaction. Backend zone.
#pragma once

namespace evently {

// From _PG_init.
void register_transaction_callbacks();

}  // namespace evently
