// cancel and cancel_outcome: two doors to one core. Backend zone.
#include "extension/backend/pg.h"
#include "extension/backend/refuse.h"
#include "extension/backend/row.h"
#include "extension/changes/change_list.h"
#include "extension/seats/inventory.h"
#include "extension/seats/statements.h"

namespace evently {
namespace {

struct Cancelled {
  Datum row;  // of type evently.bookings, outlives SPI_finish
  int64 event_id;
  text* status;
  bool changed;
  Counter counter;  // set when changed
};
static_assert(std::is_trivially_destructible_v<Cancelled>, "ereport may longjmp over it");

// The first row of find_booking or cancel_booking, whose first columns are the same.
Cancelled cancelled_row(bool changed) {
  return {row_column(1),
          DatumGetInt64(column(2)),
          DatumGetTextPP(SPI_datumTransfer(column(4), false, -1)),
          changed,
          {0, 0}};
}

[[noreturn]] void refuse_missing(int64 booking_id) {
  refuse(Refusal::booking_not_found, psprintf("There is no booking " INT64_FORMAT ".", booking_id));
}

// Lock, check, give back. Within SPI_connect.
Cancelled cancel(int64 booking_id) {
  const Datum arguments[] = {Int64GetDatum(booking_id)};
  if (run(statements::find_booking, arguments) == 0) refuse_missing(booking_id);
  if (!DatumGetBool(column(5))) return cancelled_row(false);

  EventFacts event;
  if (!lock_event(DatumGetInt64(column(2)), &event)) refuse_missing(booking_id);

  // The row is looked at again under the lock: of two cancels at once one finds it live (I4).
  if (run(statements::cancel_booking, arguments) == 0) {
    if (run(statements::find_booking, arguments) == 0) refuse_missing(booking_id);
    return cancelled_row(false);
  }
  Cancelled cancelled = cancelled_row(true);
  cancelled.counter = move_seats(cancelled.event_id, DatumGetInt32(column(3)));
  count_cancelled(cancelled.event_id, 1);
  return cancelled;
}

Cancelled cancel_connected(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) refuse(Refusal::invalid_request, "The booking_id must not be null.");
  SPI_connect();
  const Cancelled cancelled = cancel(PG_GETARG_INT64(0));
  SPI_finish();
  return cancelled;
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_cancel);
PG_FUNCTION_INFO_V1(evently_cancel_outcome);

Datum evently_cancel(PG_FUNCTION_ARGS) {
  return evently::cancel_connected(fcinfo).row;
}

Datum evently_cancel_outcome(PG_FUNCTION_ARGS) {
  const evently::Cancelled cancelled = evently::cancel_connected(fcinfo);

  const Datum values[] = {PG_GETARG_DATUM(0),
                          Int64GetDatum(cancelled.event_id),
                          PointerGetDatum(cancelled.status),
                          BoolGetDatum(cancelled.changed),
                          Int64GetDatum(cancelled.counter.version),
                          Int32GetDatum(cancelled.counter.seats_available)};
  bool nulls[lengthof(values)] = {};
  nulls[4] = nulls[5] = !cancelled.changed;
  return evently::row_datum(fcinfo, values, nulls);
}
}
