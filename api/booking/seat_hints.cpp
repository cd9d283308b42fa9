#include "api/booking/seat_hints.h"

#include <optional>

namespace evently {

TokenAnswers SeatKnowledge::take_tokens(std::int64_t event_id,
                                        const std::vector<std::int64_t>& seats) {
  if (tokens_ && trusts_tokens(event_id)) return tokens_->take_many(event_id, seats);
  TokenAnswers unknown;
  unknown.items.assign(seats.size(), TokenAnswer::unknown);
  return unknown;
}

void SeatKnowledge::write_back(const Inventory& inventory, const Origin& origin) {
  if (!tokens_) return;
  WriteBack written = tokens_->apply(origin.epoch, inventory);
  if (written == WriteBack::other_epoch) {
    // An old connection lives on when VACUUM FULL, TRUNCATE or a promotion begins another epoch.
    const std::optional<Origin> now = database_.refreshed(origin);
    if (now && now->epoch != origin.epoch) written = tokens_->apply(now->epoch, inventory);
  }
  if (written != WriteBack::done) distrust_tokens(inventory.event_id);
}

void SeatKnowledge::forget_tokens(std::int64_t event_id) {
  if (tokens_ && !tokens_->forget(event_id)) distrust_tokens(event_id);
}

bool SeatKnowledge::trusts_tokens(std::int64_t event_id) const {
  return Clock::now().time_since_epoch().count() >= untrusted_until_[event_id];
}

void SeatKnowledge::distrust_tokens(std::int64_t event_id) {
  untrusted_until_[event_id] = (Clock::now() + distrust_time).time_since_epoch().count();
}

void SeatKnowledge::seats_came_back(std::int64_t event_id) {
  sold_out_.forget(event_id);
  events_.seats_changed(event_id);
}

void SeatKnowledge::event_changed(std::int64_t event_id) {
  forget_tokens(event_id);
  sold_out_.forget(event_id);
  events_.event_changed(event_id);
}

void SeatKnowledge::events_changed() {
  sold_out_.forget_all();
  events_.events_changed();
}

}  // namespace evently
