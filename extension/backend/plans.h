// The statements of the extension, prepared once a session and kept. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

enum class Plan {
  find_by_key,
  lock_event,
  find_user,
  insert_booking,
  move_seats,
  find_booking,
  cancel_booking,
  set_capacity,
  find_by_keys,
  lock_users,
  insert_bookings,
  any_booking,
  owned_extension,
};

// Runs a statement within the caller's SPI_connect, under a snapshot of its own, and leaves its
// rows in SPI_tuptable. Arguments are not null. Returns the number of rows.
uint64 run(Plan plan, const Datum* arguments);

// A column (from 1) of a row (from 0), which must not be null, by value or within SPI's memory.
Datum column(int number, uint64 row = 0);

// The same for a row of one of our tables, copied to where it outlives SPI_finish.
Datum row_column(int number);

}  // namespace evently
