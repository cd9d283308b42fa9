\ir prelude.psql
SELECT plan(12);

SELECT id AS ann FROM evently.book(-1, -10, 4, 'a') \gset
SELECT id AS bob FROM evently.book(-2, -20, 2, 'a') \gset
SELECT id AS ann_b FROM evently.book(-1, -20, 1, 'b') \gset
SELECT evently.book(-1, -20, 1) AS ignored \gset
SELECT evently.cancel(:ann_b) AS ignored \gset

SELECT results_eq(
  $$SELECT * FROM evently.bookings_by_key(ARRAY[-2, -1], ARRAY['a', 'a'])$$,
  $$SELECT CASE user_id WHEN -2 THEN 1 ELSE 2 END AS position, id, user_id, event_id, seats, status,
    created_at
    FROM evently.bookings WHERE idempotency_key = 'a' AND user_id < 0 ORDER BY 1$$,
  'the bookings behind the pairs, in the order of the pairs');
SELECT results_eq(
  $$SELECT "position", booking_id FROM evently.bookings_by_key(ARRAY[-1, -9, -1, -2], ARRAY['none',
    'a', 'a', 'b'])$$,
  format('VALUES (3, %s::bigint)', :ann),
    'a pair without a booking gives no row and keeps its position');
SELECT results_eq(
  $$SELECT "position", booking_id FROM evently.bookings_by_key(ARRAY[-1, -1], ARRAY['a', 'a'])$$,
  format('VALUES (1, %1$s::bigint), (2, %1$s)', :ann),
    'a pair that is asked for twice is answered twice');
SELECT results_eq(
  $$SELECT booking_id, status FROM evently.bookings_by_key(ARRAY[-1], ARRAY['b'])$$,
  format($$VALUES (%s::bigint, 'CANCELLED')$$, :ann_b),
    'a cancelled booking is still behind its key');
SELECT results_eq(
  $$SELECT booking_id FROM evently.bookings_by_key(user_ids => ARRAY[-2],
    idempotency_keys => ARRAY['a'])$$,
  format('VALUES (%s::bigint)', :bob), 'the arguments have names');
SELECT is_empty($$SELECT * FROM evently.bookings_by_key(ARRAY[-1], ARRAY['A'])$$,
                'keys are compared byte by byte');
SELECT is_empty($$SELECT * FROM evently.bookings_by_key(ARRAY[-1], ARRAY[NULL])$$,
                'null is no key, though there are bookings without one');
SELECT is_empty($$SELECT * FROM evently.bookings_by_key(ARRAY[NULL]::bigint[], ARRAY['a'])$$,
                'null is no user');
SELECT is_empty($$SELECT * FROM evently.bookings_by_key('{}', '{}')$$,
                'nothing asked, nothing answered');
SELECT is_empty($$SELECT * FROM evently.bookings_by_key(NULL, NULL)$$,
                'null asked, nothing answered');
SELECT is((SELECT count(*) FROM evently.bookings_by_key(ARRAY[-1, -2], ARRAY['a'])), 1::bigint,
          'a user without a key gives no row');

-- It must not wait for bookings: a lock would be visible in the row, or refused here.
SET LOCAL transaction_read_only = on;
SELECT is(pg_temp.refusal($$SELECT * FROM evently.bookings_by_key(ARRAY[-1], ARRAY['a'])$$), 'none',
          'it locks and writes nothing');

SELECT * FROM finish();
ROLLBACK;
