#include "tests/chaos/observe.h"

#include "runtime/array_literal.h"
#include "tests/support/redis.h"

namespace evently {
namespace {

std::string ids_of_events(const History& history) {
  std::vector<std::int64_t> ids;
  for (const auto& [event, capacity] : history.capacities) ids.push_back(event);
  return "'" + array_literal(ids) + "'::bigint[]";
}

std::vector<StoredEvent> read_events(pqxx::transaction_base& transaction, const History& history) {
  std::vector<StoredEvent> events;
  for (const auto& row : transaction.exec(
           "SELECT id, capacity, seats_available FROM evently.events WHERE id = ANY (" +
           ids_of_events(history) + ")"))
    events.push_back(
        {row[0].as<std::int64_t>(), row[1].as<std::int64_t>(), row[2].as<std::int64_t>()});
  return events;
}

// Why the tokens of one event differ; empty when they do not.
std::string difference(TestRedis& redis, const StoredEvent& event) {
  const auto tokens = redis.tokens(event.id);
  if (tokens == event.seats_available) return "";
  return "I7: event " + std::to_string(event.id) + " has " + std::to_string(event.seats_available) +
         " seats and " + (tokens ? std::to_string(*tokens) : std::string("no")) + " tokens";
}

}  // namespace

Snapshot read_snapshot(pqxx::connection& owner, const History& history) {
  pqxx::work transaction(owner);
  transaction.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
  Snapshot snapshot;
  snapshot.events = read_events(transaction, history);
  for (const auto& row : transaction.exec(
           "SELECT id, user_id, event_id, seats, status = 'CONFIRMED', coalesce(idempotency_key, "
           "'') FROM evently.bookings WHERE event_id = ANY (" +
           ids_of_events(history) + ")"))
    snapshot.bookings.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>(),
                                 row[2].as<std::int64_t>(), row[3].as<int>(), row[4].as<bool>(),
                                 row[5].as<std::string>()});
  for (const auto& row : transaction.exec("SELECT v::text FROM evently.verify() v"))
    snapshot.violations.push_back(row[0].as<std::string>());
  return snapshot;
}

std::vector<StoredEvent> read_events(pqxx::connection& owner, const History& history) {
  pqxx::nontransaction transaction(owner);
  return read_events(transaction, history);
}

std::vector<std::string> tokens_that_differ(const std::vector<StoredEvent>& events,
                                            Milliseconds within) {
  const auto first_difference = [&]() -> std::string {
    try {
      TestRedis redis;
      for (const StoredEvent& event : events)
        if (auto found = difference(redis, event); !found.empty()) return found;
      return "";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  const auto equal = eventually(within, first_difference);
  if (equal) return {};
  return {equal.message()};
}

}  // namespace evently
