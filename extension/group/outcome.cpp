#include "extension/group/outcome.h"

#include "extension/backend/row.h"
#include "extension/seats/refusals.h"

namespace evently {

RequestOutcome outcome_of(const Booked& booked) {
  RequestOutcome outcome = {};
  outcome.decision.outcome = booked.replayed ? Outcome::replayed : Outcome::booked;
  outcome.booking_id = booked.booking_id;
  outcome.created_at = booked.created_at;
  outcome.counter = booked.counter;
  strlcpy(outcome.status, text_to_cstring(booked.status), sizeof outcome.status);
  return outcome;
}

RequestOutcome outcome_of(const Batch& batch, int position) {
  const BatchItem& item = batch.items[position];
  RequestOutcome outcome = {};
  outcome.decision = item.decision;
  outcome.event = batch.event;
  outcome.event.seats_available = batch.counter.seats_available;
  outcome.counter = batch.counter;
  int booking = position;
  if (item.key_owner >= 0 && item.decision.outcome == Outcome::refused) {
    const KeyState& key = batch.items[item.key_owner].key_state;
    outcome.earlier = key.earlier;
    booking = key.by_item < 0 ? item.key_owner : key.by_item;
  }
  outcome.booking_id = batch.bookings[booking].id;
  outcome.created_at = batch.bookings[booking].created_at;
  if (batch.bookings[booking].status != nullptr)
    strlcpy(outcome.status, batch.bookings[booking].status, sizeof outcome.status);
  return outcome;
}

void raise_refusal(const BookingRequest& request, const RequestOutcome& outcome) {
  if (outcome.error.sqlerrcode != 0) raise(outcome.error);
  if (outcome.decision.outcome != Outcome::refused) return;
  if (outcome.decision.refusal->refusal == Refusal::idempotency_key_reused)
    refuse_reused_key(*outcome.decision.refusal, outcome.booking_id, outcome.earlier);
  refuse_booking(outcome.decision, request, outcome.event);
}

Datum row_of(FunctionCallInfo fcinfo, const RequestOutcome& outcome) {
  const bool replayed = outcome.decision.outcome == Outcome::replayed;
  const Datum values[] = {
      Int64GetDatum(outcome.booking_id),       CStringGetTextDatum(outcome.status),
      TimestampTzGetDatum(outcome.created_at), BoolGetDatum(replayed),
      Int64GetDatum(outcome.counter.version),  Int32GetDatum(outcome.counter.seats_available)};
  bool nulls[lengthof(values)] = {};
  nulls[4] = nulls[5] = replayed;
  return row_datum(fcinfo, values, nulls);
}

}  // namespace evently
