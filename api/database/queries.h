#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/database/database.h"
#include "redis_bridge/tokens/inventory.h"

// All SQL of the service is behind these functions, one statement each.
namespace evently {

// Times are RFC 3339 in UTC.
struct User {
  std::int64_t id;
  std::string email;
  std::optional<std::string> name;
  std::string created_at;
};

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

struct BookedSeats {
  std::int64_t id;
  std::int64_t user_id;
  std::int64_t event_id;
  std::int64_t seats;
  std::string status;
};

struct Booking : BookedSeats {
  std::string created_at;
};

struct EventBooking {
  Booking booking;
  std::string user_email;
  std::optional<std::string> user_name;
};

// What a batch asks for, the same positions in each: so it goes to the database.
struct BookingBatch {
  std::vector<std::int64_t> user_ids;
  std::vector<std::int64_t> seats;
  std::vector<std::string> idempotency_keys;
};

struct BookOutcome {
  std::optional<BookedSeats> booking;  // nothing when refused
  bool replayed;
  std::string sqlstate;  // of the refusal
};

struct BatchOutcome {
  std::vector<BookOutcome> items;      // in the order of the batch
  std::optional<Inventory> inventory;  // of the event afterwards; nothing when it does not exist
  Origin origin;
};

// At one moment, without a lock.
struct KeysAndSeats {
  std::vector<std::optional<BookedSeats>> bookings;  // that the keys name, in the batch's order
  std::optional<std::int64_t> seats_left;  // nothing: the event has started or does not exist
};

struct CancelOutcome {
  std::int64_t booking_id;
  std::int64_t event_id;
  std::string status;
  bool changed;
};

struct CancelBatchOutcome {
  std::vector<CancelOutcome> items;    // in the order of the ids
  std::optional<Inventory> inventory;  // of the event afterwards; nothing when none changed
  Origin origin;
};

struct EventSales {
  std::int64_t event_id;
  std::string name;
  std::int64_t total_confirmed_bookings;
  std::int64_t confirmed_seats;
  std::int64_t capacity;
  std::int64_t seats_available;
  double capacity_utilization_pct;
};

struct DemoData {
  std::int64_t users;
  std::int64_t events;
  std::int64_t bookings;
};

struct EventChange {
  std::optional<std::string> name;
  std::optional<std::string> venue;  // "" clears it
  std::optional<std::string> start_at;
  std::optional<std::int64_t> capacity;
  std::optional<std::int64_t> expected_details_version;
};

const std::vector<Statement>& repository_statements();

void ping(Session& session);

User create_user(Session& session, const std::string& email,
                 const std::optional<std::string>& name);
void delete_user(Session& session, std::int64_t user_id);
bool user_exists(Session& session, std::int64_t user_id);
// Newest first, ids below `before_id`; so all histories here.
std::vector<User> list_users(Session& session, std::int64_t before_id, std::int64_t limit);

Event create_event(Session& session, const std::string& name,
                   const std::optional<std::string>& venue, const std::string& start_at,
                   std::int64_t capacity);
Event update_event(Session& session, std::int64_t event_id, const EventChange& change);
void delete_event(Session& session, std::int64_t event_id);
std::optional<Event> find_event(Session& session, std::int64_t event_id);
// By (start_at, id), from beyond the given position; no position: from the beginning.
std::vector<Event> list_events(Session& session, bool upcoming_only,
                               const std::optional<std::string>& after_start_at,
                               std::int64_t after_id, std::int64_t limit);

BatchOutcome book_many(Session& session, std::int64_t event_id, const BookingBatch& batch);
// Of one event, one after the other, under one lock. Throws when one of them does not exist, and
// then none is cancelled.
CancelBatchOutcome cancel_many(Session& session, const std::vector<std::int64_t>& booking_ids);
std::optional<Booking> find_booking(Session& session, std::int64_t booking_id);
KeysAndSeats find_keys_and_seats(Session& session, std::int64_t event_id,
                                 const BookingBatch& batch);

std::vector<Booking> user_bookings(Session& session, std::int64_t user_id, std::int64_t before_id,
                                   std::int64_t limit);
std::vector<EventBooking> event_bookings(Session& session, std::int64_t event_id,
                                         std::int64_t before_id, std::int64_t limit);

std::vector<EventSales> analytics(Session& session);
DemoData seed_demo_data(Session& session);

}  // namespace evently
