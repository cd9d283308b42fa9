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
  if (tokens == TokenAnswer::not_enough) return answer_without_tokens(call, statement_ids);

  // A key in every case: it makes a lost connection harmless, because the same call sent again
  // finds what the first one did (I8).
  const bool key_is_ours = !call.idempotency_key;
  const std::string key =
      key_is_ours ? "svc-" + random_hex(service_key_bytes) : *call.idempotency_key;
  const bool token_taken = tokens == TokenAnswer::enough;

  return database_.run(statement_ids, OnLostConnection::run_once_more,
                       [&](Session& session) -> BookingAnswer {
                         try {
                           BookOutcome outcome =
                               evently::book(session, call.user_id, call.event_id, call.seats, key);
                           if (outcome.replayed) {
                             if (token_taken || key_is_ours)
                               bring_token_home(session, call.event_id);
                           } else {
                             write_back(session, outcome.inventory);
                           }
                           // Nobody else knows our key: if it was seen before, an earlier attempt
                           // of this very call made the booking, and its answer was lost.
                           return {std::move(outcome.booking), outcome.replayed && !key_is_ours};
                         } catch (const std::exception& error) {
                           if (token_taken && fault_of(error).kind == FaultKind::business) {
                             bring_token_home(session, call.event_id);
                           }
                           throw;
                         }
                       });
}

// A key beats a token: the lost answer of the last seat must replay although none is left.
BookingAnswer BookingService::answer_without_tokens(const BookingCall& call,
                                                    StatementIds& statement_ids) {
  if (call.idempotency_key) {
    std::optional<Booking> earlier =
        database_.run(statement_ids, OnLostConnection::run_once_more, [&](Session& session) {
          return find_booking_by_key(session, call.user_id, *call.idempotency_key);
        });
    if (earlier) {
      const Decision decision = decide_repeat({call.user_id, call.event_id, call.seats},
                                              {earlier->event_id, earlier->seats});
      if (decision.outcome != Outcome::replayed) throw Refused(problem_of(*decision.refusal));
      return {std::move(*earlier), true};
    }
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

void BookingService::write_back(const Session& session, const std::optional<Inventory>& inventory) {
  if (tokens_ && inventory) tokens_->apply(session.epoch(), *inventory);
}

// The token that was taken bought nothing. What the event has left is read, never added up: an
// increment would be wrong as soon as anybody else had set the tokens meanwhile.
void BookingService::bring_token_home(Session& session, std::int64_t event_id) {
  if (!tokens_) return;
  try {
    const std::optional<Inventory> inventory = find_inventory(session, event_id);
    if (inventory) {
      tokens_->apply(session.epoch(), *inventory);
    } else {
      tokens_->forget(event_id);
    }
  } catch (const std::exception&) {
    // The booking's own answer stands; the bridge sets touched events within half a second.
    tokens_->forget(event_id);
  }
}

}  // namespace evently
