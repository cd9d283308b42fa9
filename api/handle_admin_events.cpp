#include <algorithm>

#include "api/etag.h"
#include "api/handlers.h"
#include "api/http_error.h"
#include "api/views.h"
#include "extension/limits.h"

namespace evently {
namespace {

void answer_event(Exchange& exchange, int status, const Event& event) {
  exchange.set_header("ETag", event_etag(event.details_version, event.version));
  exchange.answer(status, event_json(event));
}

EventChange read_change(Fields& fields, Faults& faults) {
  EventChange change;
  change.name = fields.label("name", name_bytes_max, false);
  change.venue = fields.is_null("venue") ? std::optional<std::string>("")
                                         : fields.label("venue", venue_bytes_max, true);
  change.start_at = fields.time("start_at");
  change.capacity = fields.integer("capacity", 0, capacity_max);
  if (!fields.broken() && !fields.has("name") && !fields.has("venue") && !fields.has("start_at") &&
      !fields.has("capacity")) {
    faults.add("body", "must have at least one of name, venue, start_at, capacity");
  }
  return change;
}

// The version that the change is conditional on. A list of several, or of tags that are not ours,
// is settled by what the event has now; the database still compares under its lock.
std::int64_t expected_version(const EtagList& if_match, Session& session, std::int64_t event_id) {
  const std::vector<std::int64_t> versions = details_versions(if_match);
  if (versions.size() == 1) return versions.front();
  const std::optional<Event> event = find_event(session, event_id);
  if (!event) throw Refused(problem_of(error_of(Refusal::event_not_found)));
  if (std::find(versions.begin(), versions.end(), event->details_version) == versions.end()) {
    throw Refused(problem_of(error_of(Refusal::details_changed)));
  }
  return event->details_version;
}

// Names the shortfall, which the error itself does not carry.
[[noreturn]] void refuse_capacity(Session& session, std::int64_t event_id, std::int64_t capacity) {
  Problem problem = problem_of(error_of(Refusal::capacity_below_booked));
  if (const std::optional<Event> event = find_event(session, event_id)) {
    const std::int64_t booked = event->capacity - event->seats_available;
    if (booked > capacity) {
      problem.detail = std::to_string(booked) + " seats are booked: the capacity is " +
                       std::to_string(booked - capacity) + " too low.";
    }
  }
  problem.errors = {{"capacity", "is below the seats already booked"}};
  throw Refused(std::move(problem));
}

}  // namespace

void post_admin_event(App& app, Exchange& exchange) {
  Faults faults;
  Fields fields(exchange.body(), faults);
  const std::string name = fields.required_label("name", name_bytes_max);
  std::optional<std::string> venue;
  if (!fields.is_null("venue")) venue = fields.label("venue", venue_bytes_max, true);
  const std::string start_at = fields.required_time("start_at");
  const std::int64_t capacity = fields.required_integer("capacity", 0, capacity_max);
  faults.refuse_if_any();

  // Never sent twice blindly: there would be two events.
  const Event event = app.database.run(
      exchange.statement_ids(), OnLostConnection::give_up,
      [&](Session& session) { return create_event(session, name, venue, start_at, capacity); });
  app.events.event_changed(event.id);
  exchange.set_header("Location", "/events/" + std::to_string(event.id));
  answer_event(exchange, 201, event);
}

void put_admin_event(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t event_id = exchange.path_id("event_id", faults);
  Fields fields(exchange.body(), faults);
  EventChange change = read_change(fields, faults);
  std::optional<EtagList> if_match;
  if (const auto header = exchange.header("If-Match")) {
    if_match = parse_etags(*header);
    if (!if_match) faults.add("If-Match", "must be * or a list of entity tags");
  }
  faults.refuse_if_any();

  const Event event =
      app.database.run(exchange.statement_ids(), OnLostConnection::give_up, [&](Session& session) {
        if (if_match && !if_match->any) {
          change.expected_details_version = expected_version(*if_match, session, event_id);
        }
        try {
          return update_event(session, event_id, change);
        } catch (const std::exception& error) {
          if (problem_of(error).code == error_of(Refusal::capacity_below_booked).code) {
            refuse_capacity(session, event_id, *change.capacity);
          }
          throw;
        }
      });
  app.seats.event_changed(event_id);
  answer_event(exchange, 200, event);
}

void delete_admin_event(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t event_id = exchange.path_id("event_id", faults);
  faults.refuse_if_any();

  app.database.run(exchange.statement_ids(), OnLostConnection::give_up,
                   [&](Session& session) { delete_event(session, event_id); });
  app.seats.event_changed(event_id);
  exchange.answer_empty(204);
}

}  // namespace evently
