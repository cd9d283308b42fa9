// book_many: arrays in, one row per item out. Backend zone.
#include "extension/backend/pg.h"
#include "extension/changes/statistics.h"
#include "extension/seats/batch.h"
#include "extension/seats/refusals.h"

extern "C" {
#include "utils/array.h"
#include "utils/lsyscache.h"
}

namespace evently {
namespace {

struct Elements {
  Datum* values;
  bool* nulls;
  int count;
};

// An array with one dimension, or an empty one, of so many elements at most.
Elements elements_of(FunctionCallInfo fcinfo, int argument, const char* name, bool may_hold_nulls) {
  if (PG_ARGISNULL(argument)) refuse_argument(psprintf("The %s must not be null.", name));
  ArrayType* array = PG_GETARG_ARRAYTYPE_P(argument);
  if (ARR_NDIM(array) > 1)
    refuse_argument(
        psprintf("The %s must be an array of one dimension, not %d.", name, ARR_NDIM(array)));
  if (ARR_NDIM(array) == 1 && ARR_DIMS(array)[0] > batch_items_max)
    refuse_argument(psprintf("The %s must have at most %d elements, not %d.", name, batch_items_max,
                             ARR_DIMS(array)[0]));
  if (!may_hold_nulls && array_contains_nulls(array))
    refuse_argument(psprintf("The %s must not hold nulls.", name));

  int16 length;
  bool by_value;
  char alignment;
  get_typlenbyvalalign(ARR_ELEMTYPE(array), &length, &by_value, &alignment);
  Elements elements;
  deconstruct_array(array, ARR_ELEMTYPE(array), length, by_value, alignment, &elements.values,
                    &elements.nulls, &elements.count);
  return elements;
}

Batch read_arguments(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) refuse_argument("The event_id must not be null.");
  const Elements user_ids = elements_of(fcinfo, 1, "user_ids", false);
  const Elements seats = elements_of(fcinfo, 2, "seats", false);
  Elements keys = {nullptr, nullptr, user_ids.count};
  if (!PG_ARGISNULL(3)) keys = elements_of(fcinfo, 3, "idempotency_keys", true);
  if (seats.count != user_ids.count || keys.count != user_ids.count)
    refuse_argument(
        psprintf("The arrays must have the same length, not %d user_ids, %d seats and "
                 "%d idempotency_keys.",
                 user_ids.count, seats.count, keys.count));

  Batch batch = make_batch(PG_GETARG_INT64(0), user_ids.count);
  for (int i = 0; i < batch.count; ++i) {
    BatchItem& item = batch.items[i];
    item.request = {DatumGetInt64(user_ids.values[i]), batch.event_id,
                    DatumGetInt32(seats.values[i])};
    if (keys.values == nullptr || keys.nulls[i]) continue;
    text* key = DatumGetTextPP(keys.values[i]);
    item.key = VARDATA_ANY(key);
    item.key_bytes = VARSIZE_ANY_EXHDR(key);
  }
  return batch;
}

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::booked:
      return "booked";
    case Outcome::replayed:
      return "replayed";
    case Outcome::refused:
      return "refused";
  }
  return "";
}

void put_row(ReturnSetInfo* result, const Batch& batch, int position) {
  const BatchItem& item = batch.items[position];
  const BatchBooking& booking = batch.bookings[position];
  const BusinessError* refusal = item.decision.refusal;
  enum {
    at,
    outcome,
    sqlstate,
    message,
    booking_id,
    user_id,
    event_id,
    seats,
    status,
    created_at,
    version,
    seats_available,
    columns
  };
  Datum values[columns] = {};
  bool nulls[columns] = {};

  values[at] = Int32GetDatum(position + 1);
  values[outcome] = CStringGetTextDatum(name_of(item.decision.outcome));
  if (refusal != nullptr) {
    values[sqlstate] = CStringGetTextDatum(refusal->sqlstate);
    values[message] = CStringGetTextDatum(refusal->message);
    for (int column = booking_id; column <= created_at; ++column) nulls[column] = true;
  } else {
    nulls[sqlstate] = nulls[message] = true;
    values[booking_id] = Int64GetDatum(booking.id);
    values[user_id] = Int64GetDatum(item.request.user_id);
    values[event_id] = Int64GetDatum(item.request.event_id);
    values[seats] = Int32GetDatum(static_cast<int32>(item.request.seats));
    values[status] = CStringGetTextDatum(booking.status);
    values[created_at] = TimestampTzGetDatum(booking.created_at);
  }
  values[version] = Int64GetDatum(batch.counter.version);
  values[seats_available] = Int32GetDatum(batch.counter.seats_available);
  nulls[version] = nulls[seats_available] = !batch.event_exists;
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_book_many);

Datum evently_book_many(PG_FUNCTION_ARGS) {
  evently::Batch batch = evently::read_arguments(fcinfo);
  InitMaterializedSRF(fcinfo, 0);
  if (batch.count == 0) return Datum{0};
  SPI_connect();
  evently::book_batch(&batch);
  evently::count_now(evently::Statistic::batches);
  evently::count_now(evently::Statistic::batch_items, batch.count);
  for (int i = 0; i < batch.count; ++i)
    evently::put_row(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo), batch, i);
  SPI_finish();
  return Datum{0};
}
}
