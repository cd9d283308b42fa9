#include "api/database/reports.h"

#include "api/database/rows.h"

namespace evently {

const std::vector<Statement>& report_statements() {
  static const std::vector<Statement> statements = {
      {"ping", "SELECT $1::text AS statement_id, evently.epoch()"},
      {"analytics",
       "SELECT $1::text AS statement_id, event_id, name, total_confirmed_bookings,"
       " confirmed_seats, capacity, seats_available, capacity_utilization_pct"
       " FROM evently.analytics()"},
      {"seed_demo_data",
       "SELECT $1::text AS statement_id, users, events, bookings FROM evently.seed_demo_data()"},
  };
  return statements;
}

void ping(Session& session) {
  session.execute("ping");
}

std::vector<EventSales> analytics(Session& session) {
  return all<EventSales>(session.execute("analytics"), [](const Row& row) {
    return EventSales{number(row, "event_id"),
                      text(row, "name"),
                      number(row, "total_confirmed_bookings"),
                      number(row, "confirmed_seats"),
                      number(row, "capacity"),
                      number(row, "seats_available"),
                      row["capacity_utilization_pct"].as<double>()};
  });
}

DemoData seed_demo_data(Session& session) {
  const pqxx::result rows = session.execute("seed_demo_data");
  const Row row = rows[0];
  return {number(row, "users"), number(row, "events"), number(row, "bookings")};
}

}  // namespace evently
