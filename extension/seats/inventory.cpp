#include "extension/seats/inventory.h"

#include "extension/changes/change_list.h"
#include "extension/seats/statements.h"

extern "C" {
#include "miscadmin.h"
#include "storage/lock.h"
}

namespace evently {
namespace {

// Refunds of deleted bookings lock rows without their queues. From then on to queue could mean to
// wait for a transaction that waits for such a row.
bool may_hold_rows_unqueued = false;

LOCKTAG queue_of(int64 event_id) {
  constexpr uint16 our_advisory_class = 3;  // pg_advisory_lock uses 1 and 2
  LOCKTAG tag;
  SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, static_cast<uint32>(event_id >> 32),
                       static_cast<uint32>(event_id), our_advisory_class);
  return tag;
}

}  // namespace

// Waiters for one row wake each other in turn along its versions, and a hot event loses half its
// speed to that. They queue here instead, first come first served, and find the row free. Kept
// until the transaction ends, like the row's lock, or a second booking in it would queue behind a
// waiter that waits for the first. The row's lock stays the one that counts.
void queue_for_event(int64 event_id) {
  if (may_hold_rows_unqueued) return;
  const LOCKTAG tag = queue_of(event_id);
  LockAcquire(&tag, ExclusiveLock, false, false);
}

bool queue_at_once(int64 event_id) {
  if (may_hold_rows_unqueued) return false;
  const LOCKTAG tag = queue_of(event_id);
  return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

bool lock_event(int64 event_id, EventFacts* event) {
  queue_for_event(event_id);
  const Datum arguments[] = {Int64GetDatum(event_id)};
  if (run(statements::lock_event, arguments) == 0) return false;
  event->capacity = DatumGetInt32(column(1));
  event->seats_available = DatumGetInt32(column(2));
  event->start_at_us = DatumGetTimestampTz(column(3));
  event->version = DatumGetInt64(column(4));
  return true;
}

Counter move_seats(int64 event_id, int64 seats) {
  const Datum arguments[] = {Int64GetDatum(event_id), Int32GetDatum(static_cast<int32>(seats))};
  if (run(statements::move_seats, arguments) != 1)
    elog(ERROR, "event " INT64_FORMAT " vanished under its lock", event_id);
  const Counter counter = {DatumGetInt64(column(1)), DatumGetInt32(column(2))};
  inventory_changed(event_id);
  return counter;
}

void forget_rows_held() {
  may_hold_rows_unqueued = false;
}

}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_lock_event);
PG_FUNCTION_INFO_V1(evently_inventory_changed);

// lock_event(event_id bigint): for the PL/pgSQL functions. False when there is no such event.
Datum evently_lock_event(PG_FUNCTION_ARGS) {
  evently::EventFacts event;
  SPI_connect();
  const bool exists = evently::lock_event(PG_GETARG_INT64(0), &event);
  SPI_finish();
  PG_RETURN_BOOL(exists);
}

// inventory_changed(event_id bigint): for the PL/pgSQL functions and the triggers.
Datum evently_inventory_changed(PG_FUNCTION_ARGS) {
  evently::may_hold_rows_unqueued = true;
  evently::inventory_changed(PG_GETARG_INT64(0));
  PG_RETURN_VOID();
}
}
