#include "api/endpoints/admin_events.h"

#include <algorithm>

#include "api/database/database_error.h"
#include "api/endpoints/commands.h"
#include "api/endpoints/problem_of.h"
#include "api/rendering/json_views.h"
#include "extension/rules/errors.h"

namespace evently {
namespace {

void answer_event(HttpCall& call, int status, const Event& event) {
  call.set_header("ETag", event_etag(event.details_version, event.version));
  call.answer(status, event_json(event));
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

void AdminEventEndpoints::post_admin_event(HttpCall& call) const {
  const NewEvent wanted = read_new_event(call);

  // Never sent twice blindly: there would be two events.
  const Event event = database.run(OnLostConnection::give_up, [&](Session& session) {
    return create_event(session, wanted.name, wanted.venue, wanted.start_at, wanted.capacity);
  });
  changes.tell(event.id, Change::event_made);
  call.set_header("Location", "/events/" + std::to_string(event.id));
  answer_event(call, 201, event);
}

void AdminEventEndpoints::put_admin_event(HttpCall& call) const {
  ConditionalChange wanted = read_event_change(call);
  const std::int64_t event_id = wanted.event_id;
  const std::optional<EtagList>& if_match = wanted.if_match;
  EventChange& change = wanted.change;

  const Event event = database.run(OnLostConnection::give_up, [&](Session& session) {
    if (if_match && !if_match->any) {
      change.expected_details_version = expected_version(*if_match, session, event_id);
    }
    try {
      return update_event(session, event_id, change);
    } catch (const std::exception& error) {
      if (database_error_of(error).sqlstate == error_of(Refusal::capacity_below_booked).sqlstate) {
        refuse_capacity(session, event_id, *change.capacity);
      }
      throw;
    }
  });
  changes.tell(event_id, Change::event_changed);
  answer_event(call, 200, event);
}

void AdminEventEndpoints::delete_admin_event(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t event_id = call.path_id("event_id", errors);
  errors.refuse_if_any();

  database.run(OnLostConnection::give_up,
               [&](Session& session) { delete_event(session, event_id); });
  changes.tell(event_id, Change::event_changed);
  call.answer_empty(204);
}

}  // namespace evently
