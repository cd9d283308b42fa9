// Whose transaction it is that a call would commit. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

// Raises 25001 unless the called procedure has the transaction to itself: it commits, and so would
// commit what came before it.
void require_own_transaction(FunctionCallInfo fcinfo);

// True when another session may book for this one, or this one for others: the leader does what
// its members would do themselves, and a session that waits for a leader holds nothing that the
// leader could need, since no deadlock detector sees that wait.
bool may_share_a_transaction();

}  // namespace evently
