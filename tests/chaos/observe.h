#pragma once

#include <string>
#include <vector>

#include "tests/chaos/checker.h"
#include "tests/support/sessions/database.h"
#include "tests/support/sessions/eventually.h"

namespace evently {

// The events of a history and their bookings, in one REPEATABLE READ transaction.
Snapshot read_snapshot(pqxx::connection& owner, const History& history);

// Waits until the tokens of all these events are what the database has (I7). What is still wrong
// at the end; empty when all is well.
std::vector<std::string> tokens_that_differ(const std::vector<StoredEvent>& events,
                                            Milliseconds within);

// The events of a history as they are now.
std::vector<StoredEvent> read_events(pqxx::connection& owner, const History& history);

}  // namespace evently
