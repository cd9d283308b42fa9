#include "tests/support/sessions/database.h"

#include "tests/support/sessions/stack.h"

namespace evently {

OwnerDatabase::OwnerDatabase() : OwnerDatabase(setting("EVENTLY_OWNER_URL")) {}

OwnerDatabase::OwnerDatabase(const std::string& url) : url_(url), connection_(std::in_place, url) {}

pqxx::result OwnerDatabase::run(const std::string& statement) {
  pqxx::nontransaction transaction(connection());
  return transaction.exec(statement);
}

// From 7 on libpqxx does not connect again by itself.
pqxx::connection& OwnerDatabase::connection() {
  if (!connection_ || !connection_->is_open()) connection_.emplace(url_);
  return *connection_;
}

std::int64_t OwnerDatabase::seats_available(std::int64_t event_id) {
  return value<std::int64_t>("SELECT seats_available FROM evently.events WHERE id = " +
                             std::to_string(event_id));
}

std::int64_t OwnerDatabase::live_seats(std::int64_t event_id) {
  return value<std::int64_t>(
      "SELECT coalesce(sum(seats), 0) FROM evently.bookings "
      "WHERE status = 'CONFIRMED' AND event_id = " +
      std::to_string(event_id));
}

std::string OwnerDatabase::violations() {
  std::string lines;
  for (const auto& row : run("SELECT v::text FROM evently.verify() v"))
    lines += row[0].as<std::string>() + "\n";
  return lines;
}

int OwnerDatabase::waiting_for_lock() {
  return value<int>(
      "SELECT count(*) FROM pg_stat_activity "
      "WHERE usename = 'evently_api' AND wait_event_type = 'Lock'");
}

HeldEvent::HeldEvent(std::int64_t event_id) : transaction_(database_.connection()) {
  const auto held =
      transaction_.exec("SELECT id FROM evently.events WHERE id = " + std::to_string(event_id) +
                        " FOR NO KEY UPDATE");
  if (held.size() != 1) throw std::runtime_error("no such event to hold");
}

}  // namespace evently
