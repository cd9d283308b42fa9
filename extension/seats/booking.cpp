#include "extension/seats/booking.h"

#include "extension/backend/row.h"
#include "extension/changes/change_list.h"
#include "extension/changes/statistics.h"
#include "extension/seats/refusals.h"
#include "extension/seats/statements.h"

namespace evently {
namespace {

// The first row of find_by_key or insert_booking, whose columns are the same.
Booked booked_row(bool replayed) {
  return {row_column(1),
          DatumGetInt64(column(2)),
          DatumGetTextPP(SPI_datumTransfer(column(5), false, -1)),
          DatumGetTimestampTz(column(6)),
          replayed,
          {0, 0}};
}

// True when the key was seen before and the request repeats it; refuses when it names other
// content.
bool find_earlier(const KeyedRequest& keyed, Booked* booked) {
  if (keyed.key == nullptr) return false;
  const Datum arguments[] = {Int64GetDatum(keyed.request.user_id), PointerGetDatum(keyed.key)};
  if (run(statements::find_by_key, arguments) == 0) return false;

  const EarlierBooking earlier = {DatumGetInt64(column(3)), DatumGetInt32(column(4))};
  const Decision decision = decide_repeat(keyed.request, earlier);
  if (decision.outcome == Outcome::refused) {
    count_now(Statistic::refused);
    refuse_reused_key(*decision.refusal, DatumGetInt64(column(2)), earlier);
  }
  count_now(Statistic::replayed);
  *booked = booked_row(true);
  return true;
}

bool user_exists(int64 user_id) {
  const Datum arguments[] = {Int64GetDatum(user_id)};
  return run(statements::find_user, arguments) == 1;
}

// False when there is no such user, or the key has been taken just now.
bool insert_booking(const KeyedRequest& keyed, Booked* booked) {
  // An empty text stands for no key, so that one plan serves both; a key is never empty.
  const Datum arguments[] = {
      Int64GetDatum(keyed.request.user_id), Int64GetDatum(keyed.request.event_id),
      Int32GetDatum(static_cast<int32>(keyed.request.seats)),
      PointerGetDatum(keyed.key != nullptr ? keyed.key : cstring_to_text_with_len("", 0))};
  if (run(statements::insert_booking, arguments) == 0) return false;
  *booked = booked_row(false);
  return true;
}

}  // namespace

KeyedRequest read_request(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) refuse_argument("The user_id must not be null.");
  if (PG_ARGISNULL(1)) refuse_argument("The event_id must not be null.");
  if (PG_ARGISNULL(2)) refuse_argument("The seats must not be null.");

  KeyedRequest keyed = {{PG_GETARG_INT64(0), PG_GETARG_INT64(1), PG_GETARG_INT32(2)}, nullptr};
  if (!is_valid_seats(keyed.request.seats))
    refuse_argument(psprintf("The seats must be from 1 to " INT64_FORMAT ", not " INT64_FORMAT ".",
                             static_cast<int64>(seats_max), keyed.request.seats));
  if (!PG_ARGISNULL(3)) {
    keyed.key = PG_GETARG_TEXT_PP(3);
    if (!is_valid_key_length(VARSIZE_ANY_EXHDR(keyed.key)))
      refuse_argument(psprintf("The idempotency_key must have 1 to %zu bytes, not %zu.",
                               idempotency_key_bytes_max,
                               static_cast<size_t>(VARSIZE_ANY_EXHDR(keyed.key))));
  }
  return keyed;
}

Booked book(const KeyedRequest& keyed) {
  const BookingRequest& request = keyed.request;
  Booked booked;
  // Before the lock: a repeat should not queue behind new bookings.
  if (find_earlier(keyed, &booked)) return booked;

  EventFacts event = {};
  const bool event_exists = lock_event(request.event_id, &event);
  // The insert itself looks the user up: until it finds none the user is taken to exist.
  BookingFacts facts = {event_exists ? &event : nullptr, true, GetCurrentTimestamp()};
  Decision decision = decide_booking(request, facts);
  if (decision.outcome == Outcome::booked && insert_booking(keyed, &booked)) {
    booked.counter = move_seats(request.event_id, -request.seats);
    count_booked(request.event_id, 1);
    return booked;
  }

  // The same key may have been booked while this request waited, perhaps with the last seats.
  if (find_earlier(keyed, &booked)) return booked;
  facts.user_exists = event_exists && user_exists(request.user_id);
  decision = decide_booking(request, facts);
  if (decision.outcome == Outcome::refused) {
    count_now(Statistic::refused);
    refuse_booking(decision, request, event);
  }
  ereport(ERROR, (errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
                  errmsg("the booking that used this idempotency key has just been deleted"),
                  errhint("Retry the transaction.")));
}

namespace {

Booked book_connected(const KeyedRequest& keyed) {
  SPI_connect();
  const Booked booked = book(keyed);
  SPI_finish();
  return booked;
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_book);
PG_FUNCTION_INFO_V1(evently_book_outcome);

Datum evently_book(PG_FUNCTION_ARGS) {
  return evently::book_connected(evently::read_request(fcinfo)).row;
}

Datum evently_book_outcome(PG_FUNCTION_ARGS) {
  const evently::KeyedRequest keyed = evently::read_request(fcinfo);
  const evently::Booked booked = evently::book_connected(keyed);

  const Datum values[] = {Int64GetDatum(booked.booking_id),
                          Int64GetDatum(keyed.request.user_id),
                          Int64GetDatum(keyed.request.event_id),
                          Int32GetDatum(static_cast<int32>(keyed.request.seats)),
                          PointerGetDatum(booked.status),
                          TimestampTzGetDatum(booked.created_at),
                          BoolGetDatum(booked.replayed),
                          Int64GetDatum(booked.counter.version),
                          Int32GetDatum(booked.counter.seats_available)};
  bool nulls[lengthof(values)] = {};
  nulls[7] = nulls[8] = booked.replayed;
  return evently::row_datum(fcinfo, values, nulls);
}
}
