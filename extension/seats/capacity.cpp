// set_capacity. Backend zone.
#include "extension/backend/pg.h"
#include "extension/backend/refuse.h"
#include "extension/changes/change_list.h"
#include "extension/rules/rules.h"
#include "extension/seats/inventory.h"
#include "extension/seats/statements.h"

namespace evently {
namespace {

// Lock, check, change. Within SPI_connect. Returns a row of type evently.events.
Datum set_capacity(int64 event_id, int64 capacity) {
  EventFacts event;
  if (!lock_event(event_id, &event))
    refuse(Refusal::event_not_found, psprintf("There is no event " INT64_FORMAT ".", event_id));

  const CapacityChange change = change_capacity(event, capacity);
  if (!change.accepted)
    refuse(Refusal::capacity_below_booked,
           psprintf("Event " INT64_FORMAT " has " INT64_FORMAT " seats booked, " INT64_FORMAT
                    " more than the capacity of " INT64_FORMAT ".",
                    event_id, static_cast<int64>(event.capacity - event.seats_available),
                    static_cast<int64>(change.shortfall), capacity));

  const Datum arguments[] = {Int64GetDatum(event_id), Int32GetDatum(static_cast<int32>(capacity)),
                             Int32GetDatum(static_cast<int32>(change.seats_available))};
  if (run(statements::set_capacity, arguments) != 1)
    elog(ERROR, "event " INT64_FORMAT " vanished under its lock", event_id);
  const Datum row = row_column(1);
  inventory_changed(event_id);
  return row;
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_set_capacity);

Datum evently_set_capacity(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0))
    evently::refuse(evently::Refusal::invalid_request, "The event_id must not be null.");
  if (PG_ARGISNULL(1))
    evently::refuse(evently::Refusal::invalid_request, "The capacity must not be null.");
  if (!evently::is_valid_capacity(PG_GETARG_INT32(1)))
    evently::refuse(evently::Refusal::invalid_request,
                    psprintf("The capacity must be from 0 to " INT64_FORMAT " seats, not %d.",
                             static_cast<int64>(evently::capacity_max), PG_GETARG_INT32(1)));
  SPI_connect();
  const Datum row = evently::set_capacity(PG_GETARG_INT64(0), PG_GETARG_INT32(1));
  SPI_finish();
  return row;
}
}
