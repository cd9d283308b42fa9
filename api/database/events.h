#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/database/created.h"
#include "api/database/database.h"

namespace evently {

struct Event {
  std::int64_t id;
  std::string name;
  std::optional<std::string> venue;
  std::string start_at;
  std::int64_t capacity;
  std::int64_t seats_available;
  std::int64_t version;
  std::int64_t details_version;
};

struct NewEvent {
  std::string name;
  std::optional<std::string> venue;
  std::string start_at;
  std::int64_t capacity = 0;
  std::optional<std::string> idempotency_key;  // counts per owner
};

struct EventChange {
  std::optional<std::string> name;
  std::optional<std::string> venue;  // "" clears it
  std::optional<std::string> start_at;
  std::optional<std::int64_t> capacity;
  std::optional<std::int64_t> expected_details_version;
};

const std::vector<Statement>& event_statements();

Created<Event> create_event(Session& session, const NewEvent& wanted, const std::string& key_owner);
Event update_event(Session& session, std::int64_t event_id, const EventChange& change);
// An expected_details_version must be the current one.
void delete_event(Session& session, std::int64_t event_id,
                  std::optional<std::int64_t> expected_details_version);
std::optional<Event> find_event(Session& session, std::int64_t event_id);
// By (start_at, id), from beyond the given position; no position: from the beginning.
std::vector<Event> list_events(Session& session, bool upcoming_only,
                               const std::optional<std::string>& after_start_at,
                               std::int64_t after_id, std::int64_t limit);

}  // namespace evently
