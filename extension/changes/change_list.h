// What the present transaction changed, and what becomes of that at its end. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

// Notified on commit, unless evently.notify is off: by the notifier where there is one, else by the
// transaction's own NOTIFY.
void inventory_changed(int64 event_id);

// Counted in pg_stat_evently on commit.
void count_booked(int64 event_id, int bookings);
void count_cancelled(int64 event_id, int bookings);

// True when this transaction has changed an inventory.
bool changed_anything();

// For the transaction callbacks. Before PREPARE: raises 0A000 when anything was changed.
void refuse_to_prepare_changes();

// After the commit: hands the changes to the notifier and the statistics. Cannot fail.
void publish_changes();

// At the end of a transaction, published or not.
void forget_changes();

// At the end of a subtransaction: its changes become its parent's, or vanish with it.
void end_subtransaction_changes(bool committed);

}  // namespace evently
