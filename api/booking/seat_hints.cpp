#include "api/booking/seat_hints.h"

#include <exception>

namespace evently {

TokenAnswers SeatKnowledge::take_tokens(std::int64_t event_id,
                                        const std::vector<std::int64_t>& seats) {
  if (tokens_ && trusts_tokens(event_id)) return tokens_->take_many(event_id, seats);
  TokenAnswers unknown;
  unknown.items.assign(seats.size(), TokenAnswer::unknown);
  return unknown;
}

void SeatKnowledge::write_back(Session& session, const Inventory& inventory) {
  if (!tokens_) return;
  WriteBack written = tokens_->apply(session.epoch(), inventory);
  if (written == WriteBack::other_epoch) {
    // An old connection lives on when VACUUM FULL, TRUNCATE or a promotion begins another epoch.
    const std::string known = session.epoch();
    try {
      session.refresh_epoch();
    } catch (const std::exception&) {
      return;  // the answer stands; the bridge sees to the tokens
    }
    if (session.epoch() != known) written = tokens_->apply(session.epoch(), inventory);
  }
  if (written == WriteBack::lost) distrust_tokens(inventory.event_id);
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
