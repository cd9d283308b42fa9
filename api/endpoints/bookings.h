#pragma once

#include "api/booking/booking_service.h"
#include "api/database/database.h"
#include "api/http/http_call.h"
#include "api/metrics.h"

namespace evently {

// Booking and cancelling.
struct BookingEndpoints {
  Database& database;
  BookingService& bookings;
  Metrics& metrics;

  void post_booking(HttpCall& call) const;
  void get_booking(HttpCall& call) const;
  void delete_booking(HttpCall& call) const;
};

}  // namespace evently
