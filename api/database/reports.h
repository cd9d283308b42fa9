#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "api/database/database.h"

// What administrators and probes ask for.
namespace evently {

struct EventSales {
  std::int64_t event_id;
  std::string name;
  std::int64_t total_confirmed_bookings;
  std::int64_t confirmed_seats;
  std::int64_t capacity;
  std::int64_t seats_available;
  double capacity_utilization_pct;
};

struct DemoData {
  std::int64_t users;
  std::int64_t events;
  std::int64_t bookings;
};

const std::vector<Statement>& report_statements();

// Throws when the database does not answer.
void ping(Session& session);

std::vector<EventSales> analytics(Session& session);
DemoData seed_demo_data(Session& session);

}  // namespace evently
