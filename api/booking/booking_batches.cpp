#include "api/booking/booking_batches.h"

#include <algorithm>
#include <stdexcept>

#include "api/database/database_error.h"
#include "extension/rules/rules.h"

namespace evently {
namespace {

// Enough to single out some ten bad items; a database that fails them all is not asked for ever.
constexpr std::size_t splits_max = 64;

const BusinessError* const not_enough_seats = &error_of(Refusal::not_enough_seats);

BookingBatch batch_of(const BookingBatches::Items& items) {
  BookingBatch batch;
  for (const BookingItem* item : items) {
    batch.user_ids.push_back(item->user_id);
    batch.seats.push_back(item->seats);
    batch.idempotency_keys.push_back(item->idempotency_key);
  }
  return batch;
}

void refuse(BookingItem& item, const BusinessError* refusal) {
  item.answer = {std::nullopt, false, refusal};
}

void fail(const BookingBatches::Items& items, const std::exception_ptr& failure) {
  for (BookingItem* item : items) item->failure = failure;
}

void settle(BookingItem& item, BookOutcome outcome) {
  if (outcome.booking) {
    // Nobody else knows our key: if it was seen before, an earlier attempt of this very call made
    // the booking, and its answer was lost.
    const bool replayed = outcome.replayed && !item.key_is_ours;
    item.answer = {std::move(outcome.booking), replayed, nullptr};
  } else if (const BusinessError* refusal = business_error(outcome.sqlstate)) {
    refuse(item, refusal);
  } else {
    item.failure = std::make_exception_ptr(
        std::runtime_error("book_many refused an item with " + outcome.sqlstate));
  }
}

}  // namespace

void BookingBatches::process(std::int64_t event_id, const Items& items) {
  Progress progress;
  progress.splits_left = splits_max;
  const Items to_book = settle_by_tokens(event_id, items, progress);
  if (!to_book.empty()) book(event_id, to_book, progress);
  // Only after a refusal for want of seats: the event is known to be on sale then.
  const bool refused = std::any_of(items.begin(), items.end(), [](const BookingItem* item) {
    return item->answer.refusal == not_enough_seats;
  });
  if (refused) hints_.remember_sold_out(event_id, progress.hints, progress.inventory);
  for (BookingItem* item : items) item->statement_ids = progress.statement_ids;
}

// Returns those whom only the lock of the event can tell.
BookingBatches::Items BookingBatches::settle_by_tokens(std::int64_t event_id, const Items& items,
                                                       Progress& progress) {
  std::vector<std::int64_t> seats;
  for (const BookingItem* item : items) seats.push_back(item->seats);
  progress.hints = hints_.take(event_id, seats);

  Items to_book;
  Items to_look_up;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const TokenAnswer tokens = progress.hints.tokens.items[i];
    if (tokens != TokenAnswer::not_enough) {
      to_book.push_back(items[i]);
    } else if (items[i]->key_is_ours) {
      refuse(*items[i], not_enough_seats);
    } else {
      to_look_up.push_back(items[i]);
    }
  }
  if (to_look_up.empty()) return to_book;
  try {
    const Items unsettled = look_up(event_id, to_look_up, progress);
    to_book.insert(to_book.end(), unsettled.begin(), unsettled.end());
  } catch (const std::exception&) {
    fail(to_look_up, std::current_exception());
  }
  return to_book;
}

// A key beats a token: the lost answer of the last seat must replay although none is left. And what
// Redis says may be a second old: those for whom the database has seats are left to the event's
// lock. Returns them.
BookingBatches::Items BookingBatches::look_up(std::int64_t event_id, const Items& items,
                                              Progress& progress) {
  const BookingBatch batch = batch_of(items);
  KeysAndSeats found = database_.run(
      progress.statement_ids, OnLostConnection::run_once_more,
      [&](Session& session) { return find_keys_and_seats(session, event_id, batch); });
  Items unsettled;
  for (std::size_t i = 0; i < items.size(); ++i) {
    BookingItem& item = *items[i];
    if (std::optional<BookedSeats>& booking = found.bookings[i]) {
      const Decision decision =
          decide_repeat({item.user_id, event_id, item.seats}, {booking->event_id, booking->seats});
      if (decision.outcome == Outcome::replayed) {
        item.answer = {std::move(booking), true, nullptr};
      } else {
        refuse(item, decision.refusal);
      }
    } else if (found.seats_left.value_or(item.seats) >= item.seats) {
      unsettled.push_back(&item);
    } else {
      refuse(item, not_enough_seats);
    }
  }
  return unsettled;
}

// Our keys in every case: they make a lost connection harmless, because the same calls sent again
// find what the first ones did (I8). And so a batch that failed may be tried again in halves, until
// the item that nobody else should suffer for stands alone.
void BookingBatches::book(std::int64_t event_id, const Items& items, Progress& progress) {
  try {
    const BookingBatch batch = batch_of(items);
    BatchOutcome outcome =
        database_.run(progress.statement_ids, OnLostConnection::run_once_more,
                      [&](Session& session) { return book_many(session, event_id, batch); });
    // The connection is given back; before any client hears of it. Tokens that bought nothing come
    // home by this, or by the bridge, and hide no seat meanwhile.
    if (outcome.inventory) hints_.write_back(*outcome.inventory, outcome.origin);
    progress.inventory = outcome.inventory;
    for (std::size_t i = 0; i < items.size(); ++i) settle(*items[i], std::move(outcome.items[i]));
    // A replay may be of an earlier attempt of this very call.
    const bool sold = std::any_of(items.begin(), items.end(), [](const BookingItem* item) {
      return item->answer.booking.has_value();
    });
    if (sold) changes_.tell(event_id, Change::seats_sold);
  } catch (const std::exception& error) {
    if (items.size() == 1 || progress.splits_left == 0 || !is_about_the_call(error)) {
      fail(items, std::current_exception());
      return;
    }
    --progress.splits_left;
    metrics_.split();
    const auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
    book(event_id, Items(items.begin(), middle), progress);
    book(event_id, Items(middle, items.end()), progress);
  }
}

}  // namespace evently
