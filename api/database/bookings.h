#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/database/database.h"
#include "redis_bridge/tokens/inventory.h"

namespace evently {

struct BusinessError;

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

// What became of one booking call: a booking or a refusal.
struct BookingResult {
  std::optional<BookedSeats> booking;
  bool replayed = false;  // the key named a booking already
  const BusinessError* refusal = nullptr;
};

struct CancelResult {
  std::int64_t booking_id;
  std::string status;
  bool changed;
};

// What a batch on one event came to.
template <class Result>
struct BatchResult {
  std::vector<Result> results;         // in the order of the batch
  std::optional<Inventory> inventory;  // of the event afterwards; nothing when nothing was read
  Origin origin;
};

// At one moment, without a lock.
struct KeysAndSeats {
  std::vector<std::optional<BookedSeats>> bookings;  // that the keys name, in the batch's order
  std::optional<std::int64_t> seats_left;  // nothing: the event has started or does not exist
};

const std::vector<Statement>& booking_statements();

// Decides each item by itself: a result without booking and refusal is a fault of ours, which the
// log names. The inventory is absent when the event does not exist.
BatchResult<BookingResult> book_many(Session& session, std::int64_t event_id,
                                     const BookingBatch& batch);
// Of one event, one after the other, under one lock. Throws when one of them does not exist, and
// then none is cancelled. The inventory is absent when none changed.
BatchResult<CancelResult> cancel_many(Session& session,
                                      const std::vector<std::int64_t>& booking_ids);
std::optional<Booking> find_booking(Session& session, std::int64_t booking_id);
KeysAndSeats find_keys_and_seats(Session& session, std::int64_t event_id,
                                 const BookingBatch& batch);

std::vector<Booking> user_bookings(Session& session, std::int64_t user_id, std::int64_t before_id,
                                   std::int64_t limit);
std::vector<EventBooking> event_bookings(Session& session, std::int64_t event_id,
                                         std::int64_t before_id, std::int64_t limit);

}  // namespace evently
