-- A booking is part of the caller's transaction.
\ir prelude.psql
SELECT plan(19);

SAVEPOINT before_booking;
SELECT id AS undone FROM evently.book(-1, -10, 4, 'k') \gset
SELECT pg_temp.inventory(-10) AS within \gset
ROLLBACK TO before_booking;
SELECT is(:'within'::text, '6/10 v2', 'the caller sees its own booking');
SELECT is(pg_temp.inventory(-10), '10/10 v1', 'ROLLBACK TO gives the seats back');
SELECT is_empty(format('SELECT * FROM evently.bookings WHERE id = %s', :undone),
                '... and takes the booking back');
SELECT results_eq($$SELECT seats, replayed FROM evently.book_outcome(-1, -10, 2, 'k')$$,
                  $$VALUES (2, false)$$,
                  '... so that its key is free again, for other content as well');
SELECT is(pg_temp.inventory(-10), '8/10 v2', '... and the version follows the rows');

SAVEPOINT before_cancelling;
SELECT evently.cancel(id) AS ignored FROM evently.bookings WHERE user_id = -1 \gset
ROLLBACK TO before_cancelling;
SELECT is(pg_temp.bookings_of(-1), '2 CONFIRMED', 'ROLLBACK TO takes a cancellation back');
SELECT is(pg_temp.inventory(-10), '8/10 v2', '... with its refund');
RELEASE before_cancelling;

-- A refusal undoes its own statement and nothing before it.
SELECT evently.book(-2, -10, 1) AS ignored \gset
SELECT matches(pg_temp.refusal($$SELECT evently.book(-2, -10, 7), evently.book(-2, -10, 1)$$),
               '^TK101 ',
               'of two bookings in one statement the second finds too few seats');
SELECT is(pg_temp.inventory(-10), '7/10 v3', '... and both are undone');
SELECT is(pg_temp.bookings_of(-2), '1 CONFIRMED', '... while what came before stays');
SELECT is_empty('SELECT * FROM evently.verify(-10)', 'the counter agrees with the bookings');

-- Where writing is not allowed. The setting lives and dies with its savepoint.
SAVEPOINT read_only;
SET LOCAL transaction_read_only = on;
SELECT matches(pg_temp.refusal('SELECT evently.book(-1, -10)'), '^25006 ',
               'book refuses to be read-only');
SELECT matches(pg_temp.refusal('SELECT evently.cancel(id) FROM evently.bookings WHERE user_id = -1'),
               '^25006 ', 'cancel of a live booking refuses to be read-only');
SELECT is(pg_temp.refusal($$SELECT evently.book(-1, -10, 2, 'k')$$), 'none',
          'a repeat of a key writes nothing');
ROLLBACK TO read_only;

-- Rows stay HOT: a booking changes no indexed column, and the page has room.
CREATE FUNCTION pg_temp.updates(OUT in_place bigint, OUT elsewhere bigint) LANGUAGE sql AS $$
  SELECT n_tup_hot_upd, n_tup_upd - n_tup_hot_upd FROM pg_stat_xact_user_tables
  WHERE relid = 'evently.events'::regclass
$$;
SELECT in_place, elsewhere FROM pg_temp.updates() \gset before_
SELECT count(evently.cancel((evently.book(-1, -20)).id)) AS cycles FROM generate_series(1, 20) \gset
SELECT is(in_place - :before_in_place, 40::bigint,
          '20 bookings and cancellations update the event in place')
FROM pg_temp.updates();
SELECT is(elsewhere - :before_elsewhere, 0::bigint, '... each of them') FROM pg_temp.updates();

-- Settings.
SELECT throws_ok($$SET LOCAL evently.no_such_setting = 1$$, '42602', NULL,
                 'the prefix of our settings is reserved');
SELECT is(current_setting('evently.allow_drop'), 'off', 'evently.allow_drop is off unless set');
SELECT matches(pg_temp.refusal_as('evently_owner', 'SET LOCAL evently.allow_drop = on'), '^42501 ',
               '... and only for a superuser to set');

SELECT * FROM finish();
ROLLBACK;
