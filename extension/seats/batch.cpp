#include "extension/seats/batch.h"

#include "extension/backend/foreign_keys.h"
#include "extension/changes/change_list.h"
#include "extension/changes/statistics.h"
#include "extension/seats/statements.h"

extern "C" {
#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace evently {
namespace {

struct Column {
  Datum* values;
  bool* nulls;
  int count;
};

Column make_column(int capacity) {
  return {static_cast<Datum*>(palloc(capacity * sizeof(Datum))),
          static_cast<bool*>(palloc0(capacity * sizeof(bool))), 0};
}

void add(Column* column, Datum value) {
  column->values[column->count++] = value;
}

void add_key(Column* column, const BatchItem& item) {
  column->nulls[column->count] = item.key == nullptr;
  add(column, item.key == nullptr ? Datum{0}
                                  : PointerGetDatum(cstring_to_text_with_len(
                                        item.key, static_cast<int>(item.key_bytes))));
}

Datum array_of(const Column& column, Oid type) {
  int16 length;
  bool by_value;
  char alignment;
  get_typlenbyvalalign(type, &length, &by_value, &alignment);
  int dimension = column.count;
  int lower_bound = 1;
  return PointerGetDatum(construct_md_array(column.values, column.nulls, 1, &dimension,
                                            &lower_bound, type, length, by_value, alignment));
}

// Looks up the keys that are not known to name a booking, each once: by its owner, which is as
// unsettled as all who share it. Returns how many were found.
int find_keys(Batch* batch) {
  Column user_ids = make_column(batch->count);
  Column keys = make_column(batch->count);
  int* owners = static_cast<int*>(palloc(batch->count * sizeof(int)));
  for (int i = 0; i < batch->count; ++i) {
    const BatchItem& item = batch->items[i];
    if (item.key_owner != i || item.settled || item.key_state.names_booking) continue;
    owners[keys.count] = i;
    add(&user_ids, Int64GetDatum(item.request.user_id));
    add_key(&keys, item);
  }
  if (keys.count == 0) return 0;

  const Datum arguments[] = {array_of(user_ids, INT8OID), array_of(keys, TEXTOID)};
  const uint64 found = run(statements::find_by_keys, arguments);
  for (uint64 row = 0; row < found; ++row) {
    const int owner = owners[DatumGetInt32(column(1, row)) - 1];
    batch->items[owner].key_state = {
        true, {DatumGetInt64(column(3, row)), DatumGetInt32(column(4, row))}, -1};
    batch->bookings[owner] = {DatumGetInt64(column(2, row)), TextDatumGetCString(column(5, row)),
                              DatumGetTimestampTz(column(6, row))};
  }
  return static_cast<int>(found);
}

// Keeps the users from being deleted until the bookings are committed, and notes which of them
// exist.
void lock_users(Batch* batch, const int* order) {
  Column user_ids = make_column(batch->count);
  for (int i = 0; i < batch->count; ++i) {
    const BatchItem& item = batch->items[order[i]];
    if (item.settled) continue;
    const Datum user_id = Int64GetDatum(item.request.user_id);
    if (user_ids.count == 0 || user_ids.values[user_ids.count - 1] != user_id)
      add(&user_ids, user_id);
  }
  if (user_ids.count == 0) return;
  const Datum arguments[] = {array_of(user_ids, INT8OID)};
  const uint64 found = run(statements::lock_users, arguments);

  // Both are in ascending order.
  uint64 row = 0;
  for (int i = 0; i < batch->count; ++i) {
    BatchItem& item = batch->items[order[i]];
    while (row < found && DatumGetInt64(column(1, row)) < item.request.user_id) ++row;
    item.user_exists = row < found && DatumGetInt64(column(1, row)) == item.request.user_id;
  }
}

bool is_to_be_inserted(const BatchItem& item) {
  return !item.settled && item.decision.outcome == Outcome::booked;
}

// Ids in the order of arrival, so that a user's newest booking has the highest.
void take_ids(Batch* batch) {
  const Oid schema = get_namespace_oid("evently", false);
  const Oid sequence = get_relname_relid("bookings_id_seq", schema);
  for (int i = 0; i < batch->count; ++i)
    if (is_to_be_inserted(batch->items[i]))
      batch->bookings[i] = {nextval_internal(sequence, false), "CONFIRMED", 0};
}

struct Inserted {
  int bookings;
  int64 seats;
  bool complete;  // none met a key that another transaction had just used
};

Inserted insert_bookings(Batch* batch, const int* order) {
  take_ids(batch);
  Column ids = make_column(batch->count);
  Column user_ids = make_column(batch->count);
  Column seats = make_column(batch->count);
  Column keys = make_column(batch->count);
  int* positions = static_cast<int*>(palloc(batch->count * sizeof(int)));
  for (int i = 0; i < batch->count; ++i) {
    const BatchItem& item = batch->items[order[i]];
    if (!is_to_be_inserted(item)) continue;
    positions[ids.count] = order[i];
    add(&ids, Int64GetDatum(batch->bookings[order[i]].id));
    add(&user_ids, Int64GetDatum(item.request.user_id));
    add(&seats, Int32GetDatum(static_cast<int32>(item.request.seats)));
    add_key(&keys, item);
  }
  if (ids.count == 0) return {0, 0, true};
  const Datum arguments[] = {Int64GetDatum(batch->event_id), array_of(ids, INT8OID),
                             array_of(user_ids, INT8OID), array_of(seats, INT4OID),
                             array_of(keys, TEXTOID)};
  // The event is locked, and so are the users: see lock_users.
  const uint64 rows = run_without_foreign_keys(statements::insert_bookings, arguments);

  // The rows come in the order of the arrays, those of used keys left out.
  Inserted inserted = {static_cast<int>(rows), 0, rows == static_cast<uint64>(ids.count)};
  int at = 0;
  for (uint64 row = 0; row < rows; ++row, ++at) {
    const Datum id = column(1, row);
    while (at < ids.count && ids.values[at] != id) ++at;
    if (at == ids.count) elog(ERROR, "an inserted booking is not one of the batch");
    const int position = positions[at];
    batch->items[position].settled = true;
    batch->bookings[position].created_at = DatumGetTimestampTz(column(2, row));
    inserted.seats += batch->items[position].request.seats;
  }
  return inserted;
}

// An item that repeats a key gets the booking that the key names.
void copy_repeated(Batch* batch) {
  for (int i = 0; i < batch->count; ++i) {
    const BatchItem& item = batch->items[i];
    if (item.decision.outcome != Outcome::replayed) continue;
    const KeyState& key = batch->items[item.key_owner].key_state;
    batch->bookings[i] = batch->bookings[key.by_item < 0 ? item.key_owner : key.by_item];
  }
}

[[noreturn]] void fail_for_vanished_key() {
  ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                  errmsg("a booking that used one of these idempotency keys has just been deleted"),
                  errhint("Retry the transaction.")));
}

// Decides and inserts until nothing is in doubt. Each further round has found a key that it did not
// know, so there are no more rounds than items.
void sell(Batch* batch, const int* order) {
  const int64 now_us = GetCurrentTimestamp();  // after the lock: a wait sells no closed event
  EventFacts left = batch->event;
  int64 seats_sold = 0;
  int bookings_sold = 0;
  for (int round = 0; round <= batch->count; ++round) {
    left.seats_available = batch->event.seats_available - seats_sold;
    decide_batch(batch->items, batch->count, batch->event_exists ? &left : nullptr, now_us);
    const Inserted inserted = insert_bookings(batch, order);
    seats_sold += inserted.seats;
    bookings_sold += inserted.bookings;
    undecide_batch(batch->items, batch->count);
    // The same key may have been booked while this batch waited, perhaps with the last seats.
    const int found = find_keys(batch);
    if (found == 0 && !inserted.complete) fail_for_vanished_key();
    if (found == 0) break;
  }
  Assert(seats_sold <= batch->event.seats_available);
  if (seats_sold == 0) return;
  batch->counter = move_seats(batch->event_id, -seats_sold);
  count_booked(batch->event_id, bookings_sold);
}

// Settles the items that repeat a booking.
void settle_repeats(Batch* batch) {
  find_keys(batch);
  decide_batch(batch->items, batch->count, nullptr, 0, true);
}

// Whether to leave it to the insert to find repeats, which saves the new ones a look-up: not where
// repeats would have to queue behind new bookings, nor where they could only fail, because the
// snapshot is the whole transaction's or the transaction may not write.
bool may_buy_at_once(int64 event_id) {
  return XactIsoLevel == XACT_READ_COMMITTED && !XactReadOnly && queue_at_once(event_id);
}

// When there are enough seats for all, no item is refused for seats that a repeat only seems to
// take.
bool has_enough_for_all(const Batch& batch) {
  int64 seats = 0;
  for (int i = 0; i < batch.count; ++i)
    if (!batch.items[i].settled) seats += batch.items[i].request.seats;
  return seats <= batch.event.seats_available;
}

// What is booked counts on commit, this at once.
void count_outcomes(const Batch& batch) {
  int replayed = 0;
  int refused = 0;
  for (int i = 0; i < batch.count; ++i) {
    if (batch.items[i].decision.outcome == Outcome::replayed) ++replayed;
    if (batch.items[i].decision.outcome == Outcome::refused) ++refused;
  }
  count_now(Statistic::replayed, replayed);
  count_now(Statistic::refused, refused);
}

bool all_settled(const Batch& batch) {
  for (int i = 0; i < batch.count; ++i)
    if (!batch.items[i].settled) return false;
  return true;
}

}  // namespace

Batch make_batch(int64 event_id, int count) {
  return {event_id,
          count,
          static_cast<BatchItem*>(palloc0(count * sizeof(BatchItem))),
          static_cast<BatchBooking*>(palloc0(count * sizeof(BatchBooking))),
          false,
          {},
          {0, 0}};
}

void lock_tables() {
  const Oid schema = get_namespace_oid("evently", false);
  for (const char* table : {"bookings", "users", "events"})
    LockRelationOid(get_relname_relid(table, schema), RowExclusiveLock);
}

void book_batch(Batch* batch) {
  int* order = static_cast<int*>(palloc(batch->count * sizeof(int)));
  prepare_batch(batch->items, batch->count, order);

  const bool buys_at_once = may_buy_at_once(batch->event_id);
  if (!buys_at_once) settle_repeats(batch);
  if (!all_settled(*batch)) {
    batch->event_exists = lock_event(batch->event_id, &batch->event);
    if (buys_at_once && !has_enough_for_all(*batch)) settle_repeats(batch);
    batch->counter = {batch->event.version, static_cast<int32>(batch->event.seats_available)};
    if (batch->event_exists) lock_users(batch, order);
    sell(batch, order);
  }
  copy_repeated(batch);
  count_outcomes(*batch);
}

}  // namespace evently
