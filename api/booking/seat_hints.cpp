#include "api/booking/seat_hints.h"

namespace evently {

SeatReading SeatHints::take(std::int64_t event_id, const std::vector<std::int64_t>& seats) {
  SeatReading reading{sold_out_.begin_reading(event_id), {}};
  if (tokens_ && trusts_tokens(event_id)) {
    reading.tokens = tokens_->take_many(event_id, seats);
  } else {
    reading.tokens.items.assign(seats.size(), TokenAnswer::unknown);
  }
  return reading;
}

void SeatHints::write_back(const Inventory& inventory, const Origin& origin) {
  if (!tokens_) return;
  WriteBack written = tokens_->apply(origin.epoch, inventory);
  if (written == WriteBack::other_epoch) {
    // An old connection lives on when VACUUM FULL, TRUNCATE or a promotion begins another epoch.
    const std::optional<Origin> now = database_.refreshed(origin);
    if (now && now->epoch != origin.epoch) written = tokens_->apply(now->epoch, inventory);
  }
  if (written != WriteBack::done) distrust_tokens(inventory.event_id);
}

void SeatHints::remember_sold_out(std::int64_t event_id, const SeatReading& reading,
                                  const std::optional<Inventory>& inventory) {
  if (inventory) {
    sold_out_.remember(event_id, reading.stamp, inventory->seats_available);
  } else {
    // What Redis says counts no longer than the bridge vouches for it (I9).
    sold_out_.remember(event_id, reading.stamp, reading.tokens.seats_left,
                       reading.tokens.valid_for);
  }
}

void SeatHints::changed(std::int64_t event_id, Change change) {
  switch (change) {
    case Change::seats_sold:
    case Change::event_made:
      return;
    case Change::event_changed:
      // Its tokens are unknown until the bridge has read it again.
      forget_tokens(event_id);
      [[fallthrough]];
    case Change::seats_came_back:
      sold_out_.forget(event_id);
  }
}

void SeatHints::forget_tokens(std::int64_t event_id) {
  if (!tokens_) return;
  if (!workers_.run([&] { return tokens_->forget(event_id); })) distrust_tokens(event_id);
}

bool SeatHints::trusts_tokens(std::int64_t event_id) const {
  return Clock::now().time_since_epoch().count() >= untrusted_until_[event_id];
}

void SeatHints::distrust_tokens(std::int64_t event_id) {
  untrusted_until_[event_id] = (Clock::now() + distrust_time).time_since_epoch().count();
}

}  // namespace evently
