#include "api/booking/booking_batches.h"

#include <algorithm>
#include <stdexcept>

#include "api/booking/halves.h"
#include "extension/rules/errors.h"
#include "extension/rules/rules.h"

namespace evently {
namespace {

// Enough to single out some ten bad calls; a database that fails them all is not asked for ever.
constexpr std::size_t splits_max = 64;

const BusinessError* const not_enough_seats = &error_of(Refusal::not_enough_seats);

BookingBatch batch_of(const BookingBatches::Calls& calls) {
  BookingBatch batch;
  for (const QueuedBooking* booking : calls) {
    batch.user_ids.push_back(booking->call.user_id);
    batch.seats.push_back(booking->call.seats);
    batch.idempotency_keys.push_back(booking->idempotency_key);
  }
  return batch;
}

void refuse(QueuedBooking& booking, const BusinessError* refusal) {
  booking.result = {std::nullopt, false, refusal};
}

void settle(QueuedBooking& booking, BookingResult result) {
  if (!result.booking && result.refusal == nullptr) {
    booking.failure =
        std::make_exception_ptr(std::runtime_error("book_many refused a call by no known rule"));
    return;
  }
  // No client knows our key: if it was seen before, an earlier attempt of this very call made the
  // booking, and its answer was lost.
  if (booking.key_is_ours()) result.replayed = false;
  booking.result = std::move(result);
}

}  // namespace

void BookingBatches::process(std::int64_t event_id, const Calls& calls,
                             const std::function<void()>& pass_on) {
  std::vector<std::int64_t> seats;
  for (const QueuedBooking* booking : calls) seats.push_back(booking->call.seats);
  const SeatReading reading = hints_.take(event_id, seats);

  const Calls to_book = settle_by_tokens(event_id, calls, reading.tokens);
  std::optional<Inventory> inventory;  // as the database said last
  if (!to_book.empty()) {
    const std::size_t splits = attempt_in_halves(to_book, splits_max, [&](const Calls& part) {
      // A batch that is split goes on by itself to the end: later calls must not come between.
      const bool is_whole = part.size() == to_book.size();
      inventory = book(
          event_id, part, is_whole ? pass_on : [] {});
    });
    metrics_.splits(splits);
  }
  // Only after a refusal for want of seats: the event is known to be on sale then.
  const bool refused = std::any_of(calls.begin(), calls.end(), [](const QueuedBooking* booking) {
    return booking->result.refusal == not_enough_seats;
  });
  if (refused) hints_.remember_sold_out(event_id, reading, inventory);
}

// Returns the calls that only the lock of the event can decide.
BookingBatches::Calls BookingBatches::settle_by_tokens(std::int64_t event_id, const Calls& calls,
                                                       const TokenAnswers& tokens) {
  Calls to_book;
  Calls to_look_up;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (tokens.items[i] != TokenAnswer::not_enough) {
      to_book.push_back(calls[i]);
    } else if (calls[i]->key_is_ours()) {
      refuse(*calls[i], not_enough_seats);
    } else {
      to_look_up.push_back(calls[i]);
    }
  }
  if (to_look_up.empty()) return to_book;
  try {
    const Calls unsettled = look_up(event_id, to_look_up);
    to_book.insert(to_book.end(), unsettled.begin(), unsettled.end());
  } catch (const std::exception&) {
    for (QueuedBooking* booking : to_look_up) booking->failure = std::current_exception();
  }
  return to_book;
}

// A key beats a token: the lost answer of the last seat must replay although none is left. And what
// Redis says may be a second old: the calls for which the database has seats are left to the
// event's lock. Returns those.
BookingBatches::Calls BookingBatches::look_up(std::int64_t event_id, const Calls& calls) {
  const BookingBatch batch = batch_of(calls);
  KeysAndSeats found = database_.run(OnLostConnection::run_once_more, [&](Session& session) {
    return find_keys_and_seats(session, event_id, batch);
  });
  Calls unsettled;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    QueuedBooking& booking = *calls[i];
    const BookingCall& call = booking.call;
    if (std::optional<BookedSeats>& earlier = found.bookings[i]) {
      const Decision decision =
          decide_repeat({call.user_id, event_id, call.seats}, {earlier->event_id, earlier->seats});
      if (decision.outcome == Outcome::replayed) {
        booking.result = {std::move(earlier), true, nullptr};
      } else {
        refuse(booking, decision.refusal);
      }
    } else if (found.seats_left.value_or(call.seats) >= call.seats) {
      unsettled.push_back(&booking);
    } else {
      refuse(booking, not_enough_seats);
    }
  }
  return unsettled;
}

// With a key in every call a lost connection is harmless, because the same calls sent again find
// what the first ones did (I8); so a batch that failed may be tried again in parts. Returns what
// the database said of the event.
std::optional<Inventory> BookingBatches::book(std::int64_t event_id, const Calls& calls,
                                              const std::function<void()>& pass_on) {
  const BookingBatch batch = batch_of(calls);
  auto booked = database_.run(OnLostConnection::run_once_more, [&](Session& session) {
    return book_many(session, event_id, batch);
  });
  pass_on();
  // The connection is given back; before any client hears of it. Tokens that bought nothing come
  // home by this, or by the bridge, and hide no seat meanwhile.
  if (booked.inventory) hints_.write_back(*booked.inventory, booked.origin);
  for (std::size_t i = 0; i < calls.size(); ++i) settle(*calls[i], std::move(booked.results[i]));
  // A replay may be of an earlier attempt of this very call.
  const bool sold = std::any_of(calls.begin(), calls.end(), [](const QueuedBooking* booking) {
    return booking->result.booking.has_value();
  });
  if (sold) changes_.tell(event_id, Change::seats_sold);
  return booked.inventory;
}

}  // namespace evently
