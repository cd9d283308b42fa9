\ir prelude.psql
SELECT plan(30);

SELECT evently.create_event('Opera', now() + interval '1 day', 500, 'Opera house') AS returned \gset
SELECT is(:'returned', (SELECT e::text FROM evently.events e WHERE name = 'Opera'),
          'create_event returns the row as it stands in the table');
SELECT ok(id > 0 AND venue = 'Opera house' AND start_at = now() + interval '1 day'
            AND created_at >= now() AND updated_at >= created_at,
          'the event has a number from the sequence, what was given, and the time')
FROM evently.events WHERE name = 'Opera';
SELECT results_eq(
  $$SELECT capacity, seats_available, version, details_version FROM evently.events
    WHERE name = 'Opera'$$,
  $$VALUES (500, 500, 1::bigint, 1::bigint)$$, 'all seats are available, the versions begin at 1');
SELECT results_eq(
  $$SELECT name::text, venue::text FROM evently.create_event(name => '  Opera 2 ', start_at => now(),
    capacity => 1, venue => ' House ')$$,
  $$VALUES ('Opera 2', 'House')$$, 'name and venue are trimmed');
SELECT is((SELECT venue FROM evently.create_event('Opera 3', now(), 1)), NULL,
          'the venue may be left out');
SELECT is((SELECT venue FROM evently.create_event('Opera 4', now(), 1, ' ')), NULL,
          'a blank venue is no venue');
SELECT lives_ok($$SELECT evently.create_event('Opera', now() - interval '1 day', 1)$$,
                'names may repeat, and an event may lie in the past');

SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, %L)', name, start_at,
          capacity)),
          '22023 invalid request: An event needs a name, a start and a capacity.',
            format('needed: %s', what))
FROM (VALUES (NULL, '2030-01-01', 1, 'a name'), ('E', NULL, 1, 'a start'),
             ('E', '2030-01-01', NULL, 'a capacity')) AS bad (name, start_at, capacity, what);
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, 1)', name, '2030-01-01')),
          '22023 invalid request: The name must have 1 to 200 bytes and no control characters.',
          format('refused: %s', what))
FROM (VALUES ('', 'an empty name'), ('  ', 'a blank name'),
  (repeat('n', 201), 'a name of 201 bytes'),
             (E'a\nb', 'a name of two lines')) AS bad (name, what);
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, 1, %L)', 'E', '2030-01-01',
          venue)),
          '22023 invalid request: The venue must have 1 to 200 bytes and no control characters.',
          format('refused: %s', what))
FROM (VALUES (repeat('v', 201), 'a venue of 201 bytes'),
  (E'a\nb', 'a venue of two lines')) AS bad (venue, what);
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, 1)', 'E', start_at)),
          '22023 invalid request: The start must lie in the years 1970 to 9999.',
            format('refused: %s', what))
FROM (VALUES ('1969-12-31 23:59:59.999999+00', 'a start before 1970'),
             ('10000-01-01 00:00:00+00', 'a start in the year 10000'),
             ('-infinity', 'no beginning'), ('infinity', 'no end')) AS bad (start_at, what);
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, %s)', 'E', '2030-01-01',
          capacity)),
          '22023 invalid request: The capacity must be from 0 to 1000000 seats.',
            format('refused: %s', what))
FROM (VALUES (-1, 'fewer than no seats'), (1000001, '1,000,001 seats')) AS bad (capacity, what);

SELECT lives_ok(format('SELECT evently.create_event(%L, %L, %s, %L)', name, start_at, capacity,
                venue),
                format('accepted: %s', what))
FROM (VALUES ('E', '1970-01-01 00:00:00+00', 0, 'v',
  'the first start, no seats, names of one byte'),
             ('E', '9999-12-31 23:59:59.999999+00', 1000000, NULL,
               'the last start, 1,000,000 seats'),
             (repeat('n', 200), '2030-01-01', 1, repeat('v', 200), 'name and venue of 200 bytes'),
             (repeat(chr(233), 100), '2030-01-01', 1, repeat(chr(233), 100),
               '200 bytes in 100 characters')
     ) AS good (name, start_at, capacity, venue, what);
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, 1, %L)', repeat(chr(233), 100)
          || 'n', '2030-01-01', 'v')),
          '22023 invalid request: The name must have 1 to 200 bytes and no control characters.',
          'bytes count, not characters: in the name');
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, 1, %L)', 'n', '2030-01-01',
          repeat(chr(233), 100) || 'v')),
          '22023 invalid request: The venue must have 1 to 200 bytes and no control characters.',
          'bytes count, not characters: in the venue');
SELECT is((SELECT count(*) FROM evently.events WHERE name = 'E'), 2::bigint,
          'what was refused made no event');
SELECT lives_ok($$SELECT evently.book(-1, id) FROM evently.events WHERE name = 'Opera'
                AND capacity = 500$$,
                'a new event can be booked');

SELECT * FROM finish();
ROLLBACK;
