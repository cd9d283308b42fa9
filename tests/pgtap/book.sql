\ir prelude.psql
SELECT plan(61);

-- What a booking is.
SELECT results_eq(
  $$SELECT user_id, event_id, seats, status, idempotency_key FROM evently.book(-1, -10)$$,
  $$VALUES (-1::bigint, -10::bigint, 1, 'CONFIRMED', NULL::text)$$,
  'book(user, event) books one seat and returns the booking');
SELECT is(pg_temp.inventory(-10), '9/10 v2', 'a booking takes its seats and bumps the version');
SELECT results_eq(
  $$SELECT user_id, event_id, seats, idempotency_key
    FROM evently.book(user_id => -2, event_id => -10, seats => 3, idempotency_key => 'bob-1')$$,
  $$VALUES (-2::bigint, -10::bigint, 3, 'bob-1')$$,
  'the arguments have names');
SELECT is(pg_temp.inventory(-10), '6/10 v3', 'three seats are three seats');
SELECT evently.book(-1, -10, 2) AS returned \gset
SELECT is(:'returned', (SELECT b::text FROM evently.bookings b WHERE seats = 2 AND user_id = -1),
          'what book returns is the row as it stands in the table');
SELECT ok(created_at >= now() AND created_at <= clock_timestamp() AND updated_at >= created_at,
          'a booking carries the time at which it was made')
FROM evently.bookings WHERE user_id = -2;
SELECT ok(updated_at > created_at AND details_version = 1,
          'a booking moves the event''s updated_at and leaves its details_version alone')
FROM evently.events WHERE id = -10;
SELECT is(pg_temp.inventory(-20), '10/10 v1', 'another event is not touched');
SELECT is((SELECT count(DISTINCT (b).id) FROM (SELECT evently.book(-1, -20) AS b
                                               FROM generate_series(1, 3) OFFSET 0) made),
                                                 3::bigint,
          'one call per row: three calls in one statement make three bookings');
SELECT is(pg_temp.inventory(-20), '7/10 v4', '... of three seats, each with a version');
SELECT is_empty($$SELECT * FROM evently.verify(-10) UNION ALL SELECT * FROM evently.verify(-20)$$,
                'the counters agree with the bookings');

-- Arguments.
SELECT is(pg_temp.refusal('SELECT evently.book(NULL, -10)'),
          '22023 invalid request: The user_id must not be null.', 'a user is needed');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, NULL)'),
          '22023 invalid request: The event_id must not be null.', 'an event is needed');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10, NULL)'),
          '22023 invalid request: The seats must not be null.', 'seats may be left out, not null');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10, 0)'),
          '22023 invalid request: The seats must be from 1 to 1000000, not 0.',
          'no seats are no booking');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10, -1)'),
          '22023 invalid request: The seats must be from 1 to 1000000, not -1.',
          'seats cannot be negative');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10, 1000001)'),
          '22023 invalid request: The seats must be from 1 to 1000000, not 1000001.',
          '1,000,001 seats are no valid request');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10, 1000000)'),
          'TK101 not enough seats: Event -10 has 4 of 10 seats left, asked for were 1000000.',
          '1,000,000 seats are a valid request, which this event cannot fulfil');
SELECT is(pg_temp.refusal($$SELECT evently.book(-1, -10, 1, '')$$),
          '22023 invalid request: The idempotency_key must have 1 to 255 bytes, not 0.',
          'an empty key is refused, not taken for no key');
SELECT is(pg_temp.refusal($$SELECT evently.book(-1, -10, 1, repeat('k', 256))$$),
          '22023 invalid request: The idempotency_key must have 1 to 255 bytes, not 256.',
          'a key of 256 bytes is refused');
SELECT is(pg_temp.refusal($$SELECT evently.book(-1, -10, 1, repeat(chr(233), 128))$$),
          '22023 invalid request: The idempotency_key must have 1 to 255 bytes, not 256.',
          'bytes count, not characters: 128 of two bytes are too long');
SELECT is(pg_temp.inventory(-10), '4/10 v4', 'what was refused took no seat');

-- Refusals by state.
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -99)'),
          'TK001 event does not exist: There is no event -99.', 'an unknown event');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, 9223372036854775807)'),
          'TK001 event does not exist: There is no event 9223372036854775807.',
          'the largest bigint is an unknown event like any other');
SELECT is(pg_temp.refusal('SELECT evently.book(-99, -10)'),
          'TK002 user does not exist: There is no user -99.', 'an unknown user');
SELECT matches(pg_temp.refusal('SELECT evently.book(-1, -30)'),
               '^TK103 booking is closed: Event -30 started at .+\.$', 'an event that has started');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10, 5)'),
          'TK101 not enough seats: Event -10 has 4 of 10 seats left, asked for were 5.',
          'one seat more than there is');
SELECT lives_ok('SELECT evently.book(-1, -10, 4)', 'exactly the seats that are left');
SELECT is(pg_temp.refusal('SELECT evently.book(-1, -10)'),
          'TK101 not enough seats: Event -10 has 0 of 10 seats left, asked for were 1.',
            'sold out');
SELECT is(pg_temp.inventory(-10), '0/10 v5', 'a sold-out event has no seat left, not fewer');

-- Which refusal comes first when several apply.
SELECT matches(pg_temp.refusal($$SELECT evently.book(-99, -99, 0, 'x')$$), '^22023 ',
               'an invalid request comes before a missing event');
SELECT matches(pg_temp.refusal($$SELECT evently.book(-2, -99, 0, 'bob-1')$$), '^22023 ',
               'an invalid request comes before a reused key');
SELECT matches(pg_temp.refusal($$SELECT evently.book(-2, -99, 3, 'bob-1')$$), '^TK104 ',
               'a reused key comes before a missing event');
SELECT matches(pg_temp.refusal('SELECT evently.book(-99, -99)'), '^TK001 ',
               'a missing event comes before a missing user');
SELECT matches(pg_temp.refusal('SELECT evently.book(-99, -30, 1000)'), '^TK002 ',
               'a missing user comes before an event that has started');
SELECT matches(pg_temp.refusal('SELECT evently.book(-99, -10, 1000)'), '^TK002 ',
               'a missing user comes before not enough seats');
SELECT matches(pg_temp.refusal('SELECT evently.book(-1, -30, 1000)'), '^TK103 ',
               'an event that has started comes before not enough seats');

-- Keys: one key, one effect.
SELECT results_eq(
  $$SELECT * FROM evently.book(-2, -10, 3, 'bob-1')$$,
  $$SELECT * FROM evently.bookings WHERE user_id = -2$$,
  'a repeat of a key returns the first booking, sold out or not');
SELECT is(pg_temp.inventory(-10), '0/10 v5', 'a repeat takes no seat and bumps no version');
SELECT is(pg_temp.refusal($$SELECT evently.book(-2, -10, 2, 'bob-1')$$),
          (SELECT format('TK104 idempotency key was used for another request: '
                         'The key names booking %s: event -10, seats 3.', id)
           FROM evently.bookings WHERE user_id = -2),
          'the key with other seats is refused, and the detail says what it named');
SELECT matches(pg_temp.refusal($$SELECT evently.book(-2, -20, 3, 'bob-1')$$), '^TK104 ',
               'the key with another event is refused');
SELECT results_eq(
  $$SELECT user_id, seats FROM evently.book(-1, -20, 1, 'bob-1')$$,
  $$VALUES (-1::bigint, 1)$$, 'the same key of another user names another booking');
SELECT results_ne(
  $$SELECT id FROM evently.book(-1, -20, 1, 'BOB-1')$$,
  $$SELECT id FROM evently.bookings WHERE idempotency_key = 'bob-1' AND user_id = -1$$,
  'keys that differ in case are two keys');
SELECT results_ne(
  $$SELECT id FROM evently.book(-1, -20, 1, 'bob-1 ')$$,
  $$SELECT id FROM evently.bookings WHERE idempotency_key = 'bob-1' AND user_id = -1$$,
  'keys that differ in a trailing blank are two keys');
SELECT is(pg_temp.bookings_of(-1),
          '1 CONFIRMED, 2 CONFIRMED, 1 CONFIRMED, 1 CONFIRMED, 1 CONFIRMED, 4 CONFIRMED, '
          '1 CONFIRMED, 1 CONFIRMED, 1 CONFIRMED',
          'without a key, equal requests are bookings of their own');

SELECT evently.set_capacity(-20, 1000) AS ignored \gset
SELECT lives_ok($$SELECT evently.book(-1, -20, 1, 'k')$$, 'a key of one byte');
SELECT lives_ok($$SELECT evently.book(-1, -20, 1, repeat('k', 255))$$, 'a key of 255 bytes');
SELECT lives_ok($$SELECT evently.book(-1, -20, 1, repeat(chr(233), 127) || 'k')$$,
                'a key of 255 bytes in 128 characters');
SELECT results_eq(
  $$SELECT idempotency_key FROM evently.book(-1, -20, 1, E'\' \\ " ; --\n\t')$$,
  $$VALUES (E'\' \\ " ; --\n\t')$$, 'a key is bytes: quotes, backslashes and line feeds survive');
SELECT is((SELECT id FROM evently.book(-1, -20, 1, E'\' \\ " ; --\n\t')),
          (SELECT max(id) FROM evently.bookings WHERE user_id = -1), '... and repeat');

SELECT is((SELECT status FROM evently.cancel((SELECT id FROM evently.bookings WHERE user_id = -2))),
          'CANCELLED', 'the booking behind the key is cancelled');
SELECT is((SELECT status FROM evently.book(-2, -10, 3, 'bob-1')), 'CANCELLED',
          'a repeat after the cancellation returns the cancelled booking');
SELECT is(pg_temp.inventory(-10), '3/10 v6', '... and does not book it again');
SELECT matches(pg_temp.refusal($$SELECT evently.book(-2, -10, 2, 'bob-1')$$), '^TK104 ',
               'a cancelled booking still holds its key');
UPDATE evently.events SET start_at = now() - interval '1 minute' WHERE id = -10;
SELECT is((SELECT status FROM evently.book(-2, -10, 3, 'bob-1')), 'CANCELLED',
          'a repeat after the event started is answered all the same');
SELECT evently.delete_event(-10) AS ignored \gset
SELECT matches(pg_temp.refusal($$SELECT evently.book(-2, -10, 3, 'bob-1')$$), '^TK001 ',
               'a key is free again once its booking is deleted');

-- The clock.
UPDATE evently.events SET start_at = clock_timestamp() WHERE id = -20;
SELECT ok(start_at > now(), 'the event starts after this transaction began')
FROM evently.events WHERE id = -20;
SELECT matches(pg_temp.refusal('SELECT evently.book(-1, -20)'), '^TK103 ',
               '... yet is closed by the clock, so a long transaction sells nothing late');

-- Boundaries of capacity.
SELECT id AS empty FROM evently.create_event('Empty', now() + interval '1 day', 0) \gset
SELECT is(pg_temp.refusal(format('SELECT evently.book(-1, %s)', :empty)),
          format('TK101 not enough seats: Event %s has 0 of 0 seats left, asked for were 1.',
            :empty),
          'an event of no seats sells none');
SELECT id AS vast FROM evently.create_event('Vast', now() + interval '1 day', 1000000) \gset
SELECT is((SELECT seats FROM evently.book(-1, :vast, 1000000)), 1000000,
          'an event of 1,000,000 seats sells them all at once');
SELECT is(pg_temp.inventory(:vast), '0/1000000 v2', '... and is sold out');

SELECT * FROM finish();
ROLLBACK;
