#include "api/database/events.h"

#include "api/database/rows.h"

namespace evently {
namespace {

Event event_of(const Row& row) {
  return {number(row, "id"),           text(row, "name"),
          optional_text(row, "venue"), time(row, "start_at"),
          number(row, "capacity"),     number(row, "seats_available"),
          number(row, "version"),      number(row, "details_version")};
}

#define EVENT_COLUMNS \
  "id, name, venue, start_at, capacity, seats_available, version, details_version"

}  // namespace

const std::vector<Statement>& event_statements() {
  static const std::vector<Statement> statements = {
      {"create_event",
       "SELECT $1::text AS statement_id, (created).*, replayed"
       " FROM evently.create_event_once(name => $2::text, venue => $3::text,"
       " start_at => $4::timestamptz, capacity => $5::integer,"
       " idempotency_key => $6::text, key_owner => $7::text)"},
      {"update_event", "SELECT $1::text AS statement_id, " EVENT_COLUMNS
                       " FROM evently.update_event($2::bigint, name => $3::text,"
                       " venue => $4::text, start_at => $5::timestamptz, capacity => $6::integer,"
                       " expected_details_version => $7::bigint)"},
      {"delete_event",
       "SELECT $1::text AS statement_id, id FROM evently.delete_event($2::bigint, $3::bigint)"},
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
  };
  return statements;
}

Created<Event> create_event(Session& session, const NewEvent& wanted,
                            const std::string& key_owner) {
  const pqxx::result rows = session.execute(
      "create_event", {wanted.name, wanted.venue, wanted.start_at, parameter(wanted.capacity),
                       wanted.idempotency_key, key_owner});
  return {event_of(rows[0]), rows[0]["replayed"].as<bool>()};
}

Event update_event(Session& session, std::int64_t event_id, const EventChange& change) {
  return event_of(session.execute(
      "update_event", {parameter(event_id), change.name, change.venue, change.start_at,
                       parameter(change.capacity), parameter(change.expected_details_version)})[0]);
}

void delete_event(Session& session, std::int64_t event_id,
                  std::optional<std::int64_t> expected_details_version) {
  session.execute("delete_event", {parameter(event_id), parameter(expected_details_version)});
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

}  // namespace evently
