\ir prelude.psql
SELECT plan(14);

SELECT results_eq(
  $$SELECT user_id, event_id, seats, status, replayed, version, seats_available
    FROM evently.book_outcome(-1, -10, 4, 'k')$$,
  $$VALUES (-1::bigint, -10::bigint, 4, 'CONFIRMED', false, 2::bigint, 6)$$,
  'a booking tells the event''s version and seats after it');
SELECT is(pg_temp.inventory(-10), '6/10 v2', '... which are those of the event');
SELECT results_eq(
  $$SELECT booking_id, user_id, event_id, seats, status, created_at, replayed
    FROM evently.book_outcome(-1, -10, 4, 'k')$$,
  $$SELECT id, user_id, event_id, seats, status, created_at, true FROM evently.bookings
    WHERE user_id = -1$$,
  'a repeat returns the first booking and says so');
SELECT results_eq(
  $$SELECT version, seats_available FROM evently.book_outcome(-1, -10, 4, 'k')$$,
  $$VALUES (NULL::bigint, NULL::integer)$$,
  'a repeat tells no inventory: it was not read under the lock');
SELECT is(pg_temp.inventory(-10), '6/10 v2', 'a repeat changes nothing');
SELECT results_eq(
  $$SELECT user_id, seats, replayed, seats_available
    FROM evently.book_outcome(user_id => -2, event_id => -10)$$,
  $$VALUES (-2::bigint, 1, false, 5)$$, 'seats and key may be left out');
SELECT evently.cancel((SELECT id FROM evently.bookings WHERE user_id = -1)) AS ignored \gset
SELECT results_eq(
  $$SELECT status, replayed FROM evently.book_outcome(-1, -10, 4, 'k')$$,
  $$VALUES ('CANCELLED', true)$$, 'a repeat after the cancellation returns the cancelled booking');
SELECT results_eq(
  $$SELECT booking_id FROM evently.book_outcome(-1, -10, 4, 'k')$$,
  $$SELECT id FROM evently.book(-1, -10, 4, 'k')$$, 'both doors know the same keys');

-- The same code decides, so the refusals are the same.
SELECT is(pg_temp.refusal(format('SELECT evently.book_outcome(%s)', arguments)),
          pg_temp.refusal(format('SELECT evently.book(%s)', arguments)),
          format('refused as by book: %s', arguments))
FROM unnest(ARRAY['NULL, -10', '-1, -10, 0', '-1, -99', '-99, -10', '-1, -30', '-1, -10, 99'])
  AS arguments;

SELECT * FROM finish();
ROLLBACK;
