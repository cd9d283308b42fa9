// Many bookings of one event under one lock. Backend zone.
#pragma once

#include "extension/backend/pg.h"
#include "extension/rules/batch.h"
#include "extension/seats/inventory.h"

namespace evently {

// As many items as one batch may have: what bounds its memory, and the time it keeps the lock.
constexpr int batch_items_max = 1000;

// The booking of an item that was booked or replayed.
struct BatchBooking {
  int64 id;
  const char* status;  // in palloc memory, or constant
  TimestampTz created_at;
};

struct Batch {
  int64 event_id;
  int count;
  BatchItem* items;  // in the order of arrival; the request, and the key if any, are filled in

  // What book_batch fills in.
  BatchBooking* bookings;  // one per item
  bool event_exists;       // false also when the event was not needed: all keys were known
  EventFacts event;        // as found under its lock, when it exists
  Counter counter;         // of the event afterwards, when it exists
};
static_assert(std::is_trivially_destructible_v<Batch>, "ereport may longjmp over it");

// A batch of so many items in the present memory context.
Batch make_batch(int64 event_id, int count);

// Takes beforehand the locks of the tables that book_batch writes to: CREATE INDEX on one of them
// makes it wait.
void lock_tables();

// Lock, check and decrement for all items, as evently.book would do for one after the other: one
// bad item does not touch the others. Within SPI_connect, whose memory the results live in.
void book_batch(Batch* batch);

}  // namespace evently
