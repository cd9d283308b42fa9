\ir prelude.psql
SELECT plan(37);

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
          '22023 invalid request: The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.',
          format('refused: %s', what))
FROM (VALUES ('', 'an empty name'), ('  ', 'a blank name'),
  (repeat(chr(2325), 201), 'a name of 201 characters'),
             (E'a\nb', 'a name of two lines')) AS bad (name, what);
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, 1, %L)', 'E', '2030-01-01',
          venue)),
          '22023 invalid request: The venue must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.',
          format('refused: %s', what))
FROM (VALUES (repeat(chr(2325), 201), 'a venue of 201 characters'),
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
             (repeat(chr(2325), 200), '2030-01-01', 1, repeat(chr(2325), 200),
               'name and venue of 200 Devanagari letters')
     ) AS good (name, start_at, capacity, venue, what);
SELECT is((SELECT count(*) FROM evently.events WHERE name = 'E'), 2::bigint,
          'what was refused made no event');
SELECT lives_ok($$SELECT evently.book(-1, id) FROM evently.events WHERE name = 'Opera'
                AND capacity = 500$$,
                'a new event can be booked');

-- Idempotency keys.
SELECT evently.create_event('Keyed', '2030-01-01', 5, 'Hall', 'k1') AS returned \gset
SELECT is(evently.create_event(' Keyed ', '2030-01-01', 5, ' Hall ', 'k1')::text, :'returned',
          'the same key and content: the event that is there');
SELECT is(array_agg(once.replayed), ARRAY[true], '... which create_event_once says')
FROM evently.create_event_once('Keyed', '2030-01-01', 5, 'Hall', 'k1', session_user) once;
SELECT evently.update_event(id, name => 'Renamed') FROM evently.events WHERE name = 'Keyed' \g /dev/null
SELECT is((evently.create_event('Keyed', '2030-01-01', 5, 'Hall', 'k1')).name::text, 'Renamed',
          '... as it is now');
SELECT is(pg_temp.refusal(format('SELECT evently.create_event(%L, %L, %s, %s, %L)', name, start_at, capacity,
          venue, 'k1')), 'TK104 idempotency key was used for another request', 'the key with another ' || what)
FROM (VALUES ('Renamed', '2030-01-01', 5, quote_literal('Hall'), 'name'),
             ('Keyed', '2030-01-02', 5, quote_literal('Hall'), 'start'),
             ('Keyed', '2030-01-01', 6, quote_literal('Hall'), 'capacity'),
             ('Keyed', '2030-01-01', 5, 'NULL', 'venue')) AS bad (name, start_at, capacity, venue, what);
SELECT is(array_agg(once.replayed), ARRAY[false], 'another owner of the key makes another request')
FROM evently.create_event_once('Keyed', '2030-01-01', 5, 'Hall', 'k1', 'another owner') once;
SELECT is(pg_temp.refusal($$SELECT evently.create_event('E', '2030-01-01', 1, NULL, '')$$),
          '22023 invalid request: The idempotency_key must have 1 to 255 bytes.', 'a key without length');
SELECT evently.delete_event(id) FROM evently.events WHERE name = 'Renamed' \g /dev/null
SELECT is((evently.create_event('Keyed', '2030-01-01', 5, 'Hall', 'k1')).name::text, 'Keyed',
          'a deleted event takes its key along');

SELECT * FROM finish();
ROLLBACK;
