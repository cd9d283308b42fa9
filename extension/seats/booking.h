// book and book_outcome: two doors to one core, which book_and_commit shares. Backend zone.
#pragma once

#include "extension/backend/pg.h"
#include "extension/rules/rules.h"
#include "extension/seats/inventory.h"

namespace evently {

struct KeyedRequest {
  BookingRequest request;
  text* key;  // null when the caller gave none
};
static_assert(std::is_trivially_destructible_v<KeyedRequest>, "ereport may longjmp over it");

struct Booked {
  Datum row;  // of type evently.bookings, outlives SPI_finish
  int64 booking_id;
  text* status;
  TimestampTz created_at;
  bool replayed;
  Counter counter;  // set when not replayed
};
static_assert(std::is_trivially_destructible_v<Booked>, "ereport may longjmp over it");

// The first four arguments: user, event, seats, key. Refuses arguments that are
// invalid whatever the database holds.
KeyedRequest read_request(FunctionCallInfo fcinfo);

// Lock, check, decrement; raises what is refused. Within SPI_connect.
Booked book(const KeyedRequest& keyed);

}  // namespace evently
