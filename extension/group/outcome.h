// What came of a request, as plain data that another session can read. Backend zone.
#pragma once

#include "extension/backend/pg.h"
#include "extension/backend/subtransaction.h"
#include "extension/seats/batch.h"
#include "extension/seats/booking.h"

extern "C" {
#include "access/xlogdefs.h"
}

namespace evently {

constexpr int status_bytes_max = 16;

struct RequestOutcome {
  Decision decision;
  EventFacts event;        // what a refusal was decided from
  EarlierBooking earlier;  // what a key that is refused names
  int64 booking_id;
  TimestampTz created_at;
  char status[status_bytes_max];
  Counter counter;
  CaughtError error;      // raised by the database for this request alone, no business refusal
  XLogRecPtr commit_lsn;  // all of it is durable once this is
};
static_assert(std::is_trivially_destructible_v<RequestOutcome>, "ereport may longjmp over it");

RequestOutcome outcome_of(const Booked& booked);
RequestOutcome outcome_of(const Batch& batch, int position);

// Raises the error or the refusal that the outcome holds; returns when there is none.
void raise_refusal(const BookingRequest& request, const RequestOutcome& outcome);

// The row that book_and_commit returns.
Datum row_of(FunctionCallInfo fcinfo, const RequestOutcome& outcome);

}  // namespace evently
