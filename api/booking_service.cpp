#include "api/booking_service.h"

#include "api/http_error.h"
#include "api/problem.h"
#include "api/random_id.h"
#include "extension/errors.h"
#include "extension/rules.h"

namespace evently {
namespace {

constexpr std::size_t service_key_bytes = 16;  // 128 bits: never the same twice

}  // namespace

BookingAnswer BookingService::book(const BookingCall& call, StatementIds& statement_ids) {
  const TokenAnswer tokens =
      tokens_ ? tokens_->take(call.event_id, call.seats) : TokenAnswer::unknown;
  if (tokens == TokenAnswer::not_enough) {
    if (auto answer = settle_without_tokens(call, statement_ids)) return *std::move(answer);
  }

  // A key in every case: it makes a lost connection harmless, because the same call sent again
  // finds what the first one did (I8).
  const bool is_ours = !call.idempotency_key;
  const Key key{is_ours ? "svc-" + random_hex(service_key_bytes) : *call.idempotency_key, is_ours};
  const bool token_taken = tokens == TokenAnswer::enough;
  return database_.run(statement_ids, OnLostConnection::run_once_more, [&](Session& session) {
    return ask_database(session, call, key, token_taken);
  });
}

BookingAnswer BookingService::ask_database(Session& session, const BookingCall& call,
                                           const Key& key, bool token_taken) {
  try {
    BookOutcome outcome = evently::book(session, call.user_id, call.event_id, call.seats, key.text);
    if (!outcome.replayed) {
      write_back(session, outcome.inventory);
    } else if (token_taken || key.is_ours) {
      bring_token_home(session, call.event_id);
    }
    // Nobody else knows our key: if it was seen before, an earlier attempt of this very call made
    // the booking, and its answer was lost.
    return {std::move(outcome.booking), outcome.replayed && !key.is_ours};
  } catch (const std::exception& error) {
    if (token_taken && fault_of(error).kind == FaultKind::business) {
      bring_token_home(session, call.event_id);
    }
    throw;
  }
}

// A key beats a token: the lost answer of the last seat must replay although none is left. And the
// booking of this very key may be under way, its token taken and nothing committed: then the
// database still has the seat, and only the event's lock can tell. Nothing: ask under the lock.
std::optional<BookingAnswer> BookingService::settle_without_tokens(const BookingCall& call,
                                                                   StatementIds& statement_ids) {
  if (call.idempotency_key) {
    const KeyAndSeats found =
        database_.run(statement_ids, OnLostConnection::run_once_more, [&](Session& session) {
          return find_key_and_seats(session, call.event_id, call.user_id, *call.idempotency_key);
        });
    if (found.booking) {
      const Decision decision = decide_repeat({call.user_id, call.event_id, call.seats},
                                              {found.booking->event_id, found.booking->seats});
      if (decision.outcome != Outcome::replayed) throw Refused(problem_of(*decision.refusal));
      return BookingAnswer{*found.booking, true};
    }
    if (found.seats_left.value_or(call.seats) >= call.seats) return std::nullopt;
  }
  throw Refused(problem_of(error_of(Refusal::not_enough_seats)));
}

CancelOutcome BookingService::cancel(std::int64_t booking_id, StatementIds& statement_ids) {
  return database_.run(statement_ids, OnLostConnection::run_once_more, [&](Session& session) {
    CancelOutcome outcome = evently::cancel(session, booking_id);
    write_back(session, outcome.inventory);
    return outcome;
  });
}

void BookingService::event_changed(std::int64_t event_id) {
  if (tokens_) tokens_->forget(event_id);
}

void BookingService::write_back(Session& session, const std::optional<Inventory>& inventory) {
  if (!tokens_ || !inventory || tokens_->apply(session.epoch(), *inventory)) return;
  // An old connection lives on when VACUUM FULL, TRUNCATE or a promotion begins another epoch.
  const std::string known = session.epoch();
  try {
    session.refresh_epoch();
  } catch (const std::exception&) {
    return;  // the answer stands; the bridge sees to the tokens
  }
  if (session.epoch() != known) tokens_->apply(session.epoch(), *inventory);
}

// The token that was taken bought nothing. What the event has left is read, never added up: an
// increment would be wrong as soon as anybody else had set the tokens meanwhile.
void BookingService::bring_token_home(Session& session, std::int64_t event_id) {
  if (!tokens_) return;
  try {
    const std::optional<Inventory> inventory = find_inventory(session, event_id);
    if (inventory) {
      write_back(session, inventory);
    } else {
      tokens_->forget(event_id);
    }
  } catch (const std::exception&) {
    // The booking's own answer stands; the bridge sets touched events within half a second.
    tokens_->forget(event_id);
  }
}

}  // namespace evently
