#pragma once

#include "api/booking/booking_service.h"
#include "api/database/database.h"
#include "api/http/connection_counts.h"
#include "api/http/http_call.h"
#include "api/metrics.h"
#include "redis_bridge/tokens/client.h"

namespace evently {

// Whether the service is well, what it counts, and its documentation.
struct OperationsEndpoints {
  Database& database;
  Workers& workers;
  TokenClient* seat_tokens;  // null: no Redis
  const BookingService& bookings;
  Metrics& metrics;
  const ConnectionCounts& connections;

  void get_health(HttpCall& call) const;
  void get_ready(HttpCall& call) const;
  void get_metrics(HttpCall& call) const;
  void get_openapi(HttpCall& call) const;
  void get_docs(HttpCall& call) const;
  void get_docs_file(HttpCall& call) const;
};

}  // namespace evently
