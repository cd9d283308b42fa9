// Statements that are prepared once a session and kept. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

constexpr int plan_arguments_max = 5;

// A constant statement and, from its first run on, its plan.
struct SavedPlan {
  const char* text;  // schema-qualified: the plan outlives any search_path
  int argument_count;
  Oid argument_types[plan_arguments_max];
  SPIPlanPtr prepared = nullptr;
};

// Runs a statement within the caller's SPI_connect, under a snapshot of its own, and leaves its
// rows in SPI_tuptable. Arguments are not null. Returns the number of rows; raises what the
// statement raises.
uint64 run(SavedPlan& plan, const Datum* arguments);

// A column (from 1) of a row (from 0), which must not be null, by value or within SPI's memory.
Datum column(int number, uint64 row = 0);

// The same for a row of a table of the extension, copied to where it outlives SPI_finish.
Datum row_column(int number);

}  // namespace evently
