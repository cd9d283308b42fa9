// What is allowed, and what results. Pure: decisions come from facts that the backend zone read
// under the event's lock; nothing here reads, waits or throws. Unit-tested without a server.
#pragma once

#include <cstddef>
#include <cstdint>

#include "extension/rules/errors.h"
#include "extension/rules/limits.h"

namespace evently {

struct BookingRequest {
  std::int64_t user_id;
  std::int64_t event_id;
  std::int64_t seats;
};

constexpr bool is_valid_seats(std::int64_t seats) noexcept {
  return seats >= 1 && seats <= seats_max;
}

constexpr bool is_valid_capacity(std::int64_t capacity) noexcept {
  return capacity >= 0 && capacity <= capacity_max;
}

constexpr bool is_valid_key_length(std::size_t bytes) noexcept {
  return bytes >= 1 && bytes <= idempotency_key_bytes_max;
}

// Times are microseconds on the database's clock, whatever its zero.
struct EventFacts {
  std::int64_t capacity;
  std::int64_t seats_available;
  std::int64_t start_at_us;
  std::int64_t version = 0;
};

// The booking that the request's idempotency key names already.
struct EarlierBooking {
  std::int64_t event_id;
  std::int64_t seats;
};

enum class Outcome { booked, replayed, refused };

struct Decision {
  Outcome outcome;
  const BusinessError* refusal;  // set when refused, and only then

  static constexpr Decision refuse(Refusal why) noexcept {
    return {Outcome::refused, &error_of(why)};
  }
};

// A key stands for one booking: the same content is a repeat, other content a mistake (I3).
constexpr Decision decide_repeat(const BookingRequest& request,
                                 const EarlierBooking& earlier) noexcept {
  if (request.event_id != earlier.event_id || request.seats != earlier.seats)
    return Decision::refuse(Refusal::idempotency_key_reused);
  return {Outcome::replayed, nullptr};
}

struct BookingFacts {
  const EventFacts* event;  // null when it does not exist
  bool user_exists;
  std::int64_t now_us;  // read after the lock, so that a wait does not sell a closed event
};

// The order of the checks is the contract's: which refusal wins when several hold.
constexpr Decision decide_booking(const BookingRequest& request,
                                  const BookingFacts& facts) noexcept {
  if (facts.event == nullptr) return Decision::refuse(Refusal::event_not_found);
  if (!facts.user_exists) return Decision::refuse(Refusal::user_not_found);
  if (facts.now_us >= facts.event->start_at_us) return Decision::refuse(Refusal::booking_closed);
  if (request.seats > facts.event->seats_available)
    return Decision::refuse(Refusal::not_enough_seats);
  return {Outcome::booked, nullptr};
}

struct CapacityChange {
  bool accepted;
  std::int64_t seats_available;  // after the change, when accepted
  std::int64_t shortfall;        // seats by which the new capacity is too small, when refused
};

constexpr CapacityChange change_capacity(const EventFacts& event, std::int64_t capacity) noexcept {
  const std::int64_t booked = event.capacity - event.seats_available;
  if (capacity < booked) return {false, 0, booked - capacity};
  return {true, capacity - booked, 0};
}

}  // namespace evently
