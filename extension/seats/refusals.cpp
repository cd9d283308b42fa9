#include "extension/seats/refusals.h"

#include "extension/backend/refuse.h"
#include "extension/changes/statistics.h"

namespace evently {

void refuse_argument(const char* detail) {
  count_now(Statistic::refused);
  refuse(Refusal::invalid_request, detail);
}

void refuse_booking(const Decision& decision, const BookingRequest& request,
                    const EventFacts& event) {
  const int64 user_id = request.user_id;
  const int64 event_id = request.event_id;
  switch (decision.refusal->refusal) {
    case Refusal::event_not_found:
      refuse(*decision.refusal, psprintf("There is no event " INT64_FORMAT ".", event_id));
    case Refusal::user_not_found:
      refuse(*decision.refusal, psprintf("There is no user " INT64_FORMAT ".", user_id));
    case Refusal::booking_closed:
      refuse(*decision.refusal, psprintf("Event " INT64_FORMAT " started at %s.", event_id,
                                         timestamptz_to_str(event.start_at_us)));
    default:
      refuse(*decision.refusal,
             psprintf("Event " INT64_FORMAT " has " INT64_FORMAT " of " INT64_FORMAT
                      " seats left, asked for were " INT64_FORMAT ".",
                      event_id, static_cast<int64>(event.seats_available),
                      static_cast<int64>(event.capacity), static_cast<int64>(request.seats)));
  }
}

void refuse_reused_key(const BusinessError& error, int64 booking_id,
                       const EarlierBooking& earlier) {
  refuse(error, psprintf("The key names booking " INT64_FORMAT ": event " INT64_FORMAT
                         ", seats " INT64_FORMAT ".",
                         booking_id, static_cast<int64>(earlier.event_id),
                         static_cast<int64>(earlier.seats)));
}

}  // namespace evently
