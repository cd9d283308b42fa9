#pragma once

#include <cstdint>
#include <optional>

#include "api/booking/booking_service.h"
#include "api/database/events.h"
#include "api/database/users.h"
#include "api/http/etag.h"
#include "api/http/http_call.h"

// What a request asks for, read from path, headers and body: pure, the fuzzer calls it without a
// server. Each throws Refused (400) with the list of all faulty fields.
namespace evently {

BookingCall read_booking(const HttpCall& call);

NewUser read_new_user(const HttpCall& call);

NewEvent read_new_event(const HttpCall& call);

// Which versions of the event are meant.
struct EventConditions {
  std::optional<EtagList> if_match;
  std::optional<EtagList> if_none_match;
};
struct ConditionalChange {
  std::int64_t event_id = 0;
  EventChange change;
  EventConditions conditions;
};
ConditionalChange read_event_change(const HttpCall& call);

struct ConditionalDeletion {
  std::int64_t event_id = 0;
  EventConditions conditions;
};
ConditionalDeletion read_event_deletion(const HttpCall& call);

}  // namespace evently
