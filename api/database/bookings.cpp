#include "api/database/bookings.h"

#include <stdexcept>
#include <string_view>

#include "api/database/database_error.h"
#include "api/database/rows.h"
#include "runtime/array_literal.h"
#include "runtime/log.h"

namespace evently {
namespace {

Booking booking_of(const Row& row) {
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

  std::optional<BookedSeats> read(const Row& row) const {
    if (row[id].is_null()) return std::nullopt;
    return BookedSeats{row[id].as<std::int64_t>(), row[user_id].as<std::int64_t>(),
                       row[event_id].as<std::int64_t>(), row[seats].as<std::int64_t>(),
                       row[status].c_str()};
  }

  const ColumnNumber id, user_id, event_id, seats, status;
};

std::optional<Inventory> inventory_of(const Row& row) {
  if (row["version"].is_null()) return std::nullopt;
  return Inventory{number(row, "event_id"), number(row, "version"), number(row, "seats_available")};
}

const BusinessError* refusal_of(const char* sqlstate) {
  if (*sqlstate == '\0') return nullptr;
  const BusinessError* refusal = business_error(sqlstate);
  if (refusal == nullptr) {
    log(Level::error, "book_many refused an item by no known rule", {{"sqlstate", sqlstate}});
  }
  return refusal;
}

}  // namespace

const std::vector<Statement>& booking_statements() {
  static const std::vector<Statement> statements = {
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
  };
  return statements;
}

BatchResult<BookingResult> book_many(Session& session, std::int64_t event_id,
                                     const BookingBatch& batch) {
  const pqxx::result rows = session.execute(
      "book_many", {parameter(event_id), array_literal(batch.user_ids), array_literal(batch.seats),
                    array_literal(batch.idempotency_keys)});
  if (static_cast<std::size_t>(rows.size()) != batch.user_ids.size()) {
    throw std::logic_error("book_many answered another number of items than it was asked for");
  }
  BatchResult<BookingResult> outcome;
  outcome.results.reserve(batch.user_ids.size());
  const BookedColumns columns(rows);
  const auto outcome_column = rows.column_number("outcome");
  const auto sqlstate_column = rows.column_number("sqlstate");
  for (const auto& row : rows) {
    outcome.results.push_back({columns.read(row),
                               std::string_view(row[outcome_column].c_str()) == "replayed",
                               refusal_of(row[sqlstate_column].c_str())});
  }
  const Row last = rows.back();  // the same in each
  if (!last["version"].is_null()) {
    outcome.inventory =
        Inventory{event_id, number(last, "version"), number(last, "seats_available")};
  }
  outcome.origin = session.origin();
  return outcome;
}

BatchResult<CancelResult> cancel_many(Session& session,
                                      const std::vector<std::int64_t>& booking_ids) {
  BatchResult<CancelResult> outcome;
  for (const auto& row : session.execute("cancel_many", {array_literal(booking_ids)})) {
    outcome.results.push_back(
        {number(row, "booking_id"), text(row, "status"), row["changed"].as<bool>()});
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
  return all<EventBooking>(rows, [](const Row& row) {
    return EventBooking{booking_of(row), text(row, "user_email"), optional_text(row, "user_name")};
  });
}

}  // namespace evently
