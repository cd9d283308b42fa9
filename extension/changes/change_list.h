// What the present transaction changed, told to others when it commits. Backend zone.
#pragma once

#include "extension/backend/pg.h"
#include "extension/rules/batch.h"

namespace evently {

// Told on commit, unless evently.notify is off: through the notifier where there is one, else by
// the transaction's own NOTIFY.
void inventory_changed(int64 event_id);

// Counted in pg_stat_evently on commit.
void count_booked(int64 event_id, int bookings);
void count_cancelled(int64 event_id, int bookings);

// Counted in pg_stat_evently at once, whatever becomes of the transaction.
void count_outcomes(const BatchItem* items, int count);
void count_batch(int items);
void count_replayed();
void count_refused();
void count_group(int members);

// True when this transaction has changed an inventory.
bool changed_anything();

void register_transaction_callbacks();

}  // namespace evently
