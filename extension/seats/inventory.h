// An event's lock and its counter of seats. Backend zone.
#pragma once

#include "extension/backend/pg.h"
#include "extension/rules/rules.h"

namespace evently {

// Waits for a place in the event's queue alone, and keeps it until the transaction ends.
void queue_for_event(int64 event_id);

// The same, but only without a wait; false when it would have to wait.
bool queue_at_once(int64 event_id);

// Takes the lock of the event, the first and only one a writing function waits for, and reads it: a
// place in the event's queue, then its row. False when there is no such event.
bool lock_event(int64 event_id, EventFacts* event);

struct Counter {
  int64 version;
  int32 seats_available;
};

// Adds seats (negative: sells them) to an event that this transaction has locked, and notes the
// change.
Counter move_seats(int64 event_id, int64 seats);

// The transaction has ended, and with it the locks of rows that were taken without their queues.
void forget_rows_held();

}  // namespace evently
