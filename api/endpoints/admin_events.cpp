#include "api/endpoints/admin_events.h"

#include <algorithm>

#include "api/database/database_error.h"
#include "api/endpoints/commands.h"
#include "api/endpoints/problem_of.h"
#include "api/rendering/json_views.h"
#include "extension/rules/errors.h"

namespace evently {
namespace {

void tag(HttpCall& call, const Event& event) {
  call.set_header("ETag", event_etag(event.details_version, event.version));
}

Event existing_event(Session& session, std::int64_t event_id) {
  std::optional<Event> event = find_event(session, event_id);
  if (!event) throw Refused(problem_of(error_of(Refusal::event_not_found)));
  return *std::move(event);
}

// The version that a change is conditional on; nothing when any will do. A list of several, or of
// tags that are not ours, is settled by what the event has now; the database still compares under
// its lock.
std::optional<std::int64_t> expected_version(const EventConditions& conditions, Session& session,
                                             std::int64_t event_id) {
  const auto& [if_match, if_none_match] = conditions;
  if (if_none_match) {
    const Event event = existing_event(session, event_id);
    if (includes(*if_none_match, event_etag(event.details_version, event.version))) {
      throw Refused(precondition_failed("The event exists, with a version in If-None-Match."));
    }
  }
  if (!if_match || if_match->any) return std::nullopt;
  const std::vector<std::int64_t> versions = details_versions(*if_match);
  if (versions.size() == 1) return versions.front();
  const Event event = existing_event(session, event_id);
  if (std::find(versions.begin(), versions.end(), event.details_version) == versions.end()) {
    throw Refused(problem_of(error_of(Refusal::details_changed)));
  }
  return event.details_version;
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

  // Without a key never sent twice: there would be two events.
  const auto policy =
      wanted.idempotency_key ? OnLostConnection::run_once_more : OnLostConnection::give_up;
  const auto event = database.run(policy, [&](Session& session) {
    return create_event(session, wanted, call.context().admin_key_name);
  });
  changes.tell(event.row.id, Change::event_made);  // a replay may be of this very call's first try
  call.set_location("/events/" + std::to_string(event.row.id));
  tag(call, event.row);
  call.answer_created(event.replayed, json_text(event_json(event.row)));
}

void AdminEventEndpoints::put_admin_event(HttpCall& call) const {
  ConditionalChange wanted = read_event_change(call);
  const std::int64_t event_id = wanted.event_id;
  EventChange& change = wanted.change;

  const Event event = database.run(OnLostConnection::give_up, [&](Session& session) {
    change.expected_details_version = expected_version(wanted.conditions, session, event_id);
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
  tag(call, event);
  call.answer(200, event_json(event));
}

void AdminEventEndpoints::delete_admin_event(HttpCall& call) const {
  const auto [event_id, conditions] = read_event_deletion(call);

  // A page that is out of date must not destroy what it does not show.
  try {
    database.run(OnLostConnection::give_up,
                 [&, id = event_id, conditions = conditions](Session& session) {
                   delete_event(session, id, expected_version(conditions, session, id));
                 });
  } catch (const std::exception& error) {
    refuse_if_referenced(error);
    throw;
  }
  changes.tell(event_id, Change::event_changed);
  call.answer_empty(204);
}

}  // namespace evently
