#include "api/database/queries.h"

#include <stdexcept>
#include <string_view>

#include "runtime/array_literal.h"
#include "runtime/rfc3339.h"

namespace evently {
namespace {

std::int64_t number(const pqxx::row& row, const char* column) {
  return row[column].as<std::int64_t>();
}

std::string text(const pqxx::row& row, const char* column) {
  return row[column].c_str();
}

std::optional<std::string> optional_text(const pqxx::row& row, const char* column) {
  if (row[column].is_null()) return std::nullopt;
  return text(row, column);
}

std::string time(const pqxx::row& row, const char* column) {
  return rfc3339_of_timestamptz(row[column].c_str());
}

User user_of(const pqxx::row& row) {
  return {number(row, "id"), text(row, "email"), optional_text(row, "name"),
          time(row, "created_at")};
}

Event event_of(const pqxx::row& row) {
  return {number(row, "id"),           text(row, "name"),
          optional_text(row, "venue"), time(row, "start_at"),
          number(row, "capacity"),     number(row, "seats_available"),
          number(row, "version"),      number(row, "details_version")};
}

Booking booking_of(const pqxx::row& row) {
  return {{number(row, "booking_id"), number(row, "user_id"), number(row, "event_id"),
           number(row, "seats"), text(row, "status")},
          time(row, "created_at")};
}

// Batches are large, and a column is found by name once for all of their rows.
struct BookedColumns {
  explicit BookedColumns(const pqxx::result& rows)
      : id(rows.column_number("booking_id")),
        user_id(rows.column_number("user_id")),
        event_id(rows.column_number("event_id")),
        seats(rows.column_number("seats")),
        status(rows.column_number("status")) {}

  std::optional<BookedSeats> read(const pqxx::row& row) const {
    if (row[id].is_null()) return std::nullopt;
    return BookedSeats{row[id].as<std::int64_t>(), row[user_id].as<std::int64_t>(),
                       row[event_id].as<std::int64_t>(), row[seats].as<std::int64_t>(),
                       row[status].c_str()};
  }

  const pqxx::row::size_type id, user_id, event_id, seats, status;
};

std::optional<Inventory> inventory_of(const pqxx::row& row) {
  if (row["version"].is_null()) return std::nullopt;
  return Inventory{number(row, "event_id"), number(row, "version"), number(row, "seats_available")};
}

template <class Thing, class Convert>
std::vector<Thing> all(const pqxx::result& rows, Convert convert) {
  std::vector<Thing> things;
  things.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) things.push_back(convert(row));
  return things;
}

template <class Thing, class Convert>
std::optional<Thing> first(const pqxx::result& rows, Convert convert) {
  if (rows.empty()) return std::nullopt;
  return std::optional<Thing>(convert(rows[0]));
}

Parameter parameter(std::int64_t number) {
  return std::to_string(number);
}

Parameter parameter(const std::optional<std::int64_t>& number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

#define EVENT_COLUMNS \
  "id, name, venue, start_at, capacity, seats_available, version, details_version"

}  // namespace

const std::vector<Statement>& repository_statements() {
  static const std::vector<Statement> statements = {
      {"ping", "SELECT $1::text AS statement_id, evently.epoch()"},

      {"create_user",
       "SELECT $1::text AS statement_id, id, email, name, created_at"
       " FROM evently.create_user($2::text, $3::text)"},
      {"delete_user", "SELECT $1::text AS statement_id, id FROM evently.delete_user($2::bigint)"},
      {"user_exists",
       "SELECT $1::text AS statement_id FROM evently.user_list WHERE id = $2::bigint"},
      {"list_users",
       "SELECT $1::text AS statement_id, id, email, name, created_at FROM evently.user_accounts"
       " WHERE id < $2::bigint ORDER BY id DESC LIMIT $3::bigint"},

      {"create_event", "SELECT $1::text AS statement_id, " EVENT_COLUMNS
                       " FROM evently.create_event(name => $2::text, venue => $3::text,"
                       " start_at => $4::timestamptz, capacity => $5::integer)"},
      {"update_event", "SELECT $1::text AS statement_id, " EVENT_COLUMNS
                       " FROM evently.update_event($2::bigint, name => $3::text,"
                       " venue => $4::text, start_at => $5::timestamptz, capacity => $6::integer,"
                       " expected_details_version => $7::bigint)"},
      {"delete_event", "SELECT $1::text AS statement_id, id FROM evently.delete_event($2::bigint)"},
      {"find_event", "SELECT $1::text AS statement_id, " EVENT_COLUMNS
                     " FROM evently.event_list WHERE id = $2::bigint"},
      // Two statements, so that each has a plan that walks the index from the right place.
      {"list_events",
       "SELECT $1::text AS statement_id, " EVENT_COLUMNS
       " FROM evently.event_list WHERE (start_at, id) > ($2::timestamptz, $3::bigint)"
       " ORDER BY start_at, id LIMIT $4::bigint"},
      {"list_upcoming_events", "SELECT $1::text AS statement_id, " EVENT_COLUMNS
                               " FROM evently.event_list WHERE start_at > now()"
                               " AND (start_at, id) > ($2::timestamptz, $3::bigint)"
                               " ORDER BY start_at, id LIMIT $4::bigint"},

      {"book_many",
       "SELECT $1::text AS statement_id, outcome, sqlstate, booking_id, user_id, event_id, seats,"
       " status, version, seats_available"
       " FROM evently.book_many($2::bigint, $3::bigint[], $4::integer[], $5::text[])"
       " ORDER BY position"},
      {"cancel_many",
       "SELECT $1::text AS statement_id, booking_id, event_id, status, changed, version,"
       " seats_available FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, position)"
       " CROSS JOIN LATERAL evently.cancel_outcome(asked.id) ORDER BY position"},
      {"find_booking",
       "SELECT $1::text AS statement_id, id AS booking_id, user_id, event_id, seats, status,"
       " created_at FROM evently.booking_list WHERE id = $2::bigint"},
      // One statement, so one snapshot: see BookingBatches::look_up.
      {"find_keys_and_seats",
       "SELECT $1::text AS statement_id, sellable.seats_available AS seats_left, position,"
       " booking_id, user_id, event_id, seats, status"
       " FROM (SELECT) AS one_row"
       " LEFT JOIN evently.inventory sellable ON sellable.id = $2::bigint"
       " LEFT JOIN evently.bookings_by_key($3::bigint[], $4::text[]) ON true"},

      {"user_bookings",
       "SELECT $1::text AS statement_id, id AS booking_id, $2::bigint AS user_id, event_id, seats,"
       " status, created_at FROM evently.user_bookings($2::bigint)"
       " WHERE id < $3::bigint ORDER BY id DESC LIMIT $4::bigint"},
      {"event_bookings",
       "SELECT $1::text AS statement_id, booking_id, user_id, $2::bigint AS event_id, seats,"
       " status, created_at, user_email, user_name FROM evently.event_bookings($2::bigint)"
       " WHERE booking_id < $3::bigint ORDER BY booking_id DESC LIMIT $4::bigint"},

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

User create_user(Session& session, const std::string& email,
                 const std::optional<std::string>& name) {
  return user_of(session.execute("create_user", {email, name})[0]);
}

void delete_user(Session& session, std::int64_t user_id) {
  session.execute("delete_user", {parameter(user_id)});
}

bool user_exists(Session& session, std::int64_t user_id) {
  return !session.execute("user_exists", {parameter(user_id)}).empty();
}

std::vector<User> list_users(Session& session, std::int64_t before_id, std::int64_t limit) {
  return all<User>(session.execute("list_users", {parameter(before_id), parameter(limit)}),
                   user_of);
}

Event create_event(Session& session, const std::string& name,
                   const std::optional<std::string>& venue, const std::string& start_at,
                   std::int64_t capacity) {
  return event_of(session.execute("create_event", {name, venue, start_at, parameter(capacity)})[0]);
}

Event update_event(Session& session, std::int64_t event_id, const EventChange& change) {
  return event_of(session.execute(
      "update_event", {parameter(event_id), change.name, change.venue, change.start_at,
                       parameter(change.capacity), parameter(change.expected_details_version)})[0]);
}

void delete_event(Session& session, std::int64_t event_id) {
  session.execute("delete_event", {parameter(event_id)});
}

std::optional<Event> find_event(Session& session, std::int64_t event_id) {
  return first<Event>(session.execute("find_event", {parameter(event_id)}), event_of);
}

std::vector<Event> list_events(Session& session, bool upcoming_only,
                               const std::optional<std::string>& after_start_at,
                               std::int64_t after_id, std::int64_t limit) {
  return all<Event>(session.execute(upcoming_only ? "list_upcoming_events" : "list_events",
                                    {after_start_at.value_or("-infinity"), parameter(after_id),
                                     parameter(limit)}),
                    event_of);
}

BatchOutcome book_many(Session& session, std::int64_t event_id, const BookingBatch& batch) {
  const pqxx::result rows = session.execute(
      "book_many", {parameter(event_id), array_literal(batch.user_ids), array_literal(batch.seats),
                    array_literal(batch.idempotency_keys)});
  if (static_cast<std::size_t>(rows.size()) != batch.user_ids.size()) {
    throw std::logic_error("book_many answered another number of items than it was asked for");
  }
  BatchOutcome outcome;
  outcome.items.reserve(batch.user_ids.size());
  const BookedColumns columns(rows);
  const auto outcome_column = rows.column_number("outcome");
  const auto sqlstate_column = rows.column_number("sqlstate");
  for (const auto& row : rows) {
    outcome.items.push_back({columns.read(row),
                             std::string_view(row[outcome_column].c_str()) == "replayed",
                             row[sqlstate_column].c_str()});
  }
  const pqxx::row last = rows.back();  // the same in each
  if (!last["version"].is_null()) {
    outcome.inventory =
        Inventory{event_id, number(last, "version"), number(last, "seats_available")};
  }
  outcome.origin = session.origin();
  return outcome;
}

CancelBatchOutcome cancel_many(Session& session, const std::vector<std::int64_t>& booking_ids) {
  CancelBatchOutcome outcome;
  for (const auto& row : session.execute("cancel_many", {array_literal(booking_ids)})) {
    outcome.items.push_back({number(row, "booking_id"), number(row, "event_id"),
                             text(row, "status"), row["changed"].as<bool>()});
    // In the order of the calls, so the last one is the newest.
    if (const auto inventory = inventory_of(row)) outcome.inventory = inventory;
  }
  outcome.origin = session.origin();
  return outcome;
}

std::optional<Booking> find_booking(Session& session, std::int64_t booking_id) {
  return first<Booking>(session.execute("find_booking", {parameter(booking_id)}), booking_of);
}

KeysAndSeats find_keys_and_seats(Session& session, std::int64_t event_id,
                                 const BookingBatch& batch) {
  const pqxx::result rows = session.execute(
      "find_keys_and_seats",
      {parameter(event_id), array_literal(batch.user_ids), array_literal(batch.idempotency_keys)});
  KeysAndSeats found;
  found.bookings.resize(batch.user_ids.size());
  const BookedColumns columns(rows);
  const auto position = rows.column_number("position");
  for (const auto& row : rows) {
    if (row[position].is_null()) continue;  // no key was seen before
    found.bookings.at(row[position].as<std::size_t>() - 1) = columns.read(row);
  }
  if (!rows[0]["seats_left"].is_null()) found.seats_left = number(rows[0], "seats_left");
  return found;
}

std::vector<Booking> user_bookings(Session& session, std::int64_t user_id, std::int64_t before_id,
                                   std::int64_t limit) {
  return all<Booking>(session.execute("user_bookings",
                                      {parameter(user_id), parameter(before_id), parameter(limit)}),
                      booking_of);
}

std::vector<EventBooking> event_bookings(Session& session, std::int64_t event_id,
                                         std::int64_t before_id, std::int64_t limit) {
  const pqxx::result rows = session.execute(
      "event_bookings", {parameter(event_id), parameter(before_id), parameter(limit)});
  return all<EventBooking>(rows, [](const pqxx::row& row) {
    return EventBooking{booking_of(row), text(row, "user_email"), optional_text(row, "user_name")};
  });
}

std::vector<EventSales> analytics(Session& session) {
  return all<EventSales>(session.execute("analytics"), [](const pqxx::row& row) {
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
  const pqxx::row row = session.execute("seed_demo_data")[0];
  return {number(row, "users"), number(row, "events"), number(row, "bookings")};
}

}  // namespace evently
