// Work that may fail without ending the transaction, and errors as plain data. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

constexpr int error_bytes_max = 256;

// An error that the database raised, cut to what shared memory has room for.
struct CaughtError {
  int sqlerrcode;  // 0: none
  char message[error_bytes_max];
  char detail[error_bytes_max];
  char hint[error_bytes_max];
};
static_assert(std::is_trivially_destructible_v<CaughtError>, "ereport may longjmp over it");

[[noreturn]] void raise(const CaughtError& error);

// Runs `work(argument)` in a subtransaction. False, with the error, when it raised one and all that
// it did is undone. An error that concerns the session itself (a wish to stop, a lock that was not
// to be had) is raised again, outside: the server would undo no more than the subtransaction, and
// the session would stay in it.
bool in_subtransaction(void (*work)(const void* argument), const void* argument,
                       CaughtError* error);

// The same for a lambda.
template <class Work>
bool in_subtransaction(const Work& work, CaughtError* error) {
  return in_subtransaction([](const void* argument) { (*static_cast<const Work*>(argument))(); },
                           &work, error);
}

}  // namespace evently
