// Refusals of a booking, with the facts that led to them in DETAIL. Backend zone.
#pragma once

#include "extension/backend/pg.h"
#include "extension/rules/rules.h"

namespace evently {

// For the arguments of book and its kin. Counts the call as refused and raises 22023; `detail` is a
// sentence that names the argument.
[[noreturn]] void refuse_argument(const char* detail);

// These do not count: the caller has, at the latest when it decided.
[[noreturn]] void refuse_booking(const Decision& decision, const BookingRequest& request,
                                 const EventFacts& event);
[[noreturn]] void refuse_reused_key(const BusinessError& error, int64 booking_id,
                                    const EarlierBooking& earlier);

}  // namespace evently
