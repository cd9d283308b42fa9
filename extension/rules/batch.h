// What becomes of the items of a batch: the same as of the same bookings one after the other. Pure:
// nothing here reads, waits or throws; unit-tested against rules.h applied in turn.
#pragma once

#include <algorithm>
#include <cstring>

#include "extension/rules/rules.h"

namespace evently {

// What a key was found to name: nothing yet, a booking that was there before, or one of this batch.
struct KeyState {
  bool names_booking;
  EarlierBooking earlier;
  int by_item;  // position of the item that booked it here; -1: it was there before
};

struct BatchItem {
  // Asked.
  BookingRequest request;
  const char* key;  // null: none
  std::size_t key_bytes;

  // Found.
  bool user_exists;
  int key_owner;       // position of the first item with the same user and key; -1 without a key
  KeyState key_state;  // of the owner only

  // Decided.
  Decision decision;
  bool settled;  // nothing will change the decision any more
};

inline bool has_same_key(const BatchItem& one, const BatchItem& other) noexcept {
  return one.request.user_id == other.request.user_id && one.key != nullptr &&
         other.key != nullptr && one.key_bytes == other.key_bytes &&
         std::memcmp(one.key, other.key, one.key_bytes) == 0;
}

// By user, then by the bytes of the key, those without one first, then by position. Transactions
// that insert in this order meet each other's equal keys in one order too, so no waits form a
// circle.
inline bool comes_before(const BatchItem* items, int one, int other) noexcept {
  const BatchItem& a = items[one];
  const BatchItem& b = items[other];
  if (a.request.user_id != b.request.user_id) return a.request.user_id < b.request.user_id;
  if (a.key != nullptr && b.key != nullptr) {
    const int order = std::memcmp(a.key, b.key, std::min(a.key_bytes, b.key_bytes));
    if (order != 0) return order < 0;
    if (a.key_bytes != b.key_bytes) return a.key_bytes < b.key_bytes;
  } else if ((a.key != nullptr) != (b.key != nullptr)) {
    return a.key == nullptr;
  }
  return one < other;
}

// Settles what no fact can save, finds who shares a key, and puts the order of insertion into
// `order`, which has room for all.
inline void prepare_batch(BatchItem* items, int count, int* order) noexcept {
  for (int i = 0; i < count; ++i) {
    BatchItem& item = items[i];
    item.user_exists = item.settled = false;
    item.key_owner = -1;
    item.key_state = {false, {0, 0}, -1};
    if (!is_valid_seats(item.request.seats) ||
        (item.key != nullptr && !is_valid_key_length(item.key_bytes))) {
      item.decision = Decision::refuse(Refusal::invalid_request);
      item.settled = true;
    }
    order[i] = i;
  }
  std::sort(order, order + count,
            [items](int one, int other) { return comes_before(items, one, other); });

  int owner = -1;
  for (int i = 0; i < count; ++i) {
    BatchItem& item = items[order[i]];
    if (item.key == nullptr || item.settled) continue;
    if (owner < 0 || !has_same_key(items[owner], item)) owner = order[i];
    item.key_owner = owner;
  }
}

// Decides all unsettled items in the order of their arrival. `event` is null when it does not
// exist; its seats_available goes down with each booking. Items whose key names a booking need no
// event and no user: with `repeats_only` no others are decided, and those that are get settled.
inline void decide_batch(BatchItem* items, int count, EventFacts* event, std::int64_t now_us,
                         bool repeats_only = false) noexcept {
  for (int i = 0; i < count; ++i) {
    BatchItem& item = items[i];
    if (item.settled) continue;
    KeyState* key = item.key_owner < 0 ? nullptr : &items[item.key_owner].key_state;
    if (key != nullptr && key->names_booking) {
      item.decision = decide_repeat(item.request, key->earlier);
      item.settled = repeats_only;
      continue;
    }
    if (repeats_only) continue;
    item.decision = decide_booking(item.request, {event, item.user_exists, now_us});
    if (item.decision.outcome != Outcome::booked) continue;
    event->seats_available -= item.request.seats;
    if (key != nullptr) *key = {true, {item.request.event_id, item.request.seats}, i};
  }
}

// Takes back what decide_batch concluded from bookings that then could not be made.
inline void undecide_batch(BatchItem* items, int count) noexcept {
  for (int i = 0; i < count; ++i) {
    KeyState& key = items[i].key_state;
    if (key.by_item >= 0 && !items[key.by_item].settled) key = {false, {0, 0}, -1};
  }
}

}  // namespace evently
