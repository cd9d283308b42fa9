\ir prelude.psql
SELECT plan(17);

SELECT id AS four FROM evently.book(-1, -10, 4, 'k') \gset
SELECT id AS two FROM evently.book(-2, -10, 2) \gset

SELECT evently.cancel(:four) AS returned \gset
SELECT is(:'returned', (SELECT b::text FROM evently.bookings b WHERE id = :four),
          'cancel returns the row as it stands in the table');
SELECT results_eq(
  format('SELECT user_id, event_id, seats, status, idempotency_key FROM evently.bookings WHERE id = %s',
         :four),
  $$VALUES (-1::bigint, -10::bigint, 4, 'CANCELLED', 'k')$$,
  'a cancelled booking keeps everything but its status');
SELECT ok(updated_at > created_at, '... and says when it changed')
FROM evently.bookings WHERE id = :four;
SELECT is(pg_temp.inventory(-10), '8/10 v4', 'the seats are back, and the version is bumped');
SELECT is(pg_temp.bookings_of(-2), '2 CONFIRMED', 'another booking is not touched');

SELECT is(evently.cancel(:four)::text, :'returned',
          'a second cancellation returns the row unchanged');
SELECT is(pg_temp.inventory(-10), '8/10 v4', '... and gives nothing back a second time');
SELECT is((SELECT count(*) FROM generate_series(1, 5)
          WHERE (evently.cancel(:two)).status = 'CANCELLED'),
          5::bigint, 'five cancellations in one statement all succeed');
SELECT is(pg_temp.inventory(-10), '10/10 v5', '... and give back once');
SELECT is_empty('SELECT * FROM evently.verify(-10)', 'the counter agrees with the bookings');

SELECT is(pg_temp.refusal('SELECT evently.cancel(-99)'),
          'TK003 booking does not exist: There is no booking -99.', 'an unknown booking');
SELECT is(pg_temp.refusal('SELECT evently.cancel(NULL)'),
          '22023 invalid request: The booking_id must not be null.', 'a booking is needed');
SELECT is(pg_temp.refusal(format('SELECT evently.cancel(booking_id => %s)', :four)), 'none',
          'the argument has a name');

SELECT lives_ok('SELECT evently.book(-2, -10, 10)', 'the seats can be sold again');
SELECT is(pg_temp.inventory(-10), '0/10 v6', '... all of them');
UPDATE evently.events SET start_at = now() - interval '1 minute' WHERE id = -10;
SELECT lives_ok('SELECT evently.cancel(id) FROM evently.bookings WHERE user_id = -2',
                'a booking can be cancelled after the event started');
SELECT is(pg_temp.inventory(-10), '10/10 v7', '... and its seats come back');

SELECT * FROM finish();
ROLLBACK;
