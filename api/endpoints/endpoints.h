#pragma once

#include <tuple>

#include "api/endpoints/admin.h"
#include "api/endpoints/admin_events.h"
#include "api/endpoints/bookings.h"
#include "api/endpoints/events.h"
#include "api/endpoints/operations.h"
#include "api/endpoints/users.h"

namespace evently {

// One for each topic, with what that topic needs; all of that is thread-safe and outlives the
// server.
using Endpoints = std::tuple<OperationsEndpoints, UserEndpoints, EventEndpoints, BookingEndpoints,
                             AdminEndpoints, AdminEventEndpoints>;

}  // namespace evently
