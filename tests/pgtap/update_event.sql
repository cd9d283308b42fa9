\ir prelude.psql
SELECT plan(34);

-- Given fields change, others stay.
SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.update_event(-10, name => ' Concert 2 ') AS returned \gset
SELECT is(:'returned', (SELECT e::text FROM evently.events e WHERE id = -10),
          'update_event returns the row as it stands in the table');
SELECT results_eq(
  $$SELECT name::text, venue::text, start_at::timestamptz, capacity, seats_available, version, details_version
    FROM evently.events WHERE id = -10$$,
  $$VALUES ('Concert 2', 'Hall', now() + interval '1 day', 10, 6, 2::bigint, 2::bigint)$$,
  'a new name is trimmed, and nothing else changes but details_version');
SELECT ok(updated_at > created_at, '... and updated_at') FROM evently.events WHERE id = -10;
SELECT is((SELECT venue FROM evently.update_event(-10, venue => ' Arena ')), 'Arena',
          'a new venue is trimmed');
SELECT is((SELECT venue FROM evently.update_event(-10, name => 'Concert')), 'Arena',
          'a venue that is not given stays');
SELECT is((SELECT venue FROM evently.update_event(-10, venue => ' ')), NULL,
          'a blank venue clears it');
SELECT is((SELECT start_at::timestamptz FROM evently.update_event(-10, start_at => '2040-02-29 20:00+00')),
          '2040-02-29 20:00+00'::timestamptz, 'a new start');
SELECT is(pg_temp.inventory(-10), '6/10 v2', 'none of these changed the inventory');
SELECT results_eq(
  $$SELECT capacity, seats_available, version FROM evently.update_event(-10, capacity => 20)$$,
  $$VALUES (20, 16, 3::bigint)$$, 'a new capacity keeps what is booked and bumps the version');
SELECT is((SELECT details_version FROM evently.events WHERE id = -10), 7::bigint,
          'six changes are six details_versions: one a call');
SELECT results_eq(
  $$SELECT name::text, venue::text, start_at::timestamptz, capacity
    FROM evently.update_event(event_id => -10, name => 'All', venue => 'Four',
      start_at => '2041-01-01+00',
                              capacity => 4, expected_details_version => 7)$$,
  $$VALUES ('All', 'Four', '2041-01-01+00'::timestamptz, 4)$$, 'all at once');
SELECT is((SELECT details_version FROM evently.update_event(-10)), 9::bigint,
          'nothing given changes nothing but details_version');
SELECT is_empty('SELECT * FROM evently.verify(-10)', 'the counter agrees with the bookings');
SELECT results_eq('SELECT name::text, version, details_version FROM evently.events WHERE id = -20',
                  $$VALUES ('Lecture', 1::bigint, 1::bigint)$$, 'another event is not touched');

-- If-Match.
SELECT lives_ok('SELECT evently.update_event(-10, expected_details_version => 9)',
                'the version that is there is accepted');
SELECT is(pg_temp.refusal($$SELECT evently.update_event(-10, name => 'Late',
          expected_details_version => 9)$$),
          'TK106 event was changed since it was read: Expected details version 9, found 10.',
          'a version of the past is refused, and the detail names both');
SELECT matches(pg_temp.refusal('SELECT evently.update_event(-10, expected_details_version => 11)'),
               '^TK106 ', 'a version of the future is refused');
SELECT is((SELECT name FROM evently.events WHERE id = -10), 'All',
          'what was refused changed nothing');
SELECT evently.book(-1, -20) AS ignored \gset
SELECT lives_ok('SELECT evently.update_event(-20, expected_details_version => 1)',
                'a booking does not make an administrator''s version stale');

-- Refusals.
SELECT is(pg_temp.refusal('SELECT evently.update_event(-10, capacity => 3)'),
          'TK105 capacity is below the seats already booked: '
          'Event -10 has 4 seats booked, 1 more than the capacity of 3.',
          'a capacity below the booked seats');
SELECT matches(pg_temp.refusal($$SELECT evently.update_event(-10, name => 'Half', capacity => 3)$$),
               '^TK105 ',
               'a refused capacity refuses the whole');
SELECT is((SELECT name FROM evently.events WHERE id = -10), 'All',
          '... so that the name is the old one');
SELECT is(pg_temp.refusal($$SELECT evently.update_event(-99, name => 'E')$$),
          'TK001 event does not exist: There is no event -99.', 'an unknown event');
SELECT is(pg_temp.refusal($$SELECT evently.update_event(NULL, name => 'E')$$),
          '22023 invalid request: The event_id must not be null.', 'an event is needed');
SELECT is(pg_temp.refusal(format('SELECT evently.update_event(-10, %s)', change)),
          '22023 invalid request: ' || detail,
          format('refused: %s', change))
FROM (VALUES ($$name => ''$$, 'The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.'),
             ($$name => ' '$$, 'The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.'),
             ($$name => repeat('n', 201)$$,
               'The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.'),
             ($$venue => E'a\nb'$$,
               'The venue must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.'),
             ($$start_at => 'infinity'$$, 'The start must lie in the years 1970 to 9999.'),
             ($$capacity => -1$$, 'The capacity must be from 0 to 1000000 seats.'),
             ($$capacity => 1000001$$,
               'The capacity must be from 0 to 1000000 seats.')) AS bad (change, detail);
SELECT matches(pg_temp.refusal($$SELECT evently.update_event(-99, name => '',
               expected_details_version => 99)$$),
               '^22023 ', 'an invalid request comes before a missing event');
SELECT matches(pg_temp.refusal('SELECT evently.update_event(-10, capacity => 3, expected_details_version => 99)'),
               '^TK106 ', 'a stale version comes before a capacity below the booked seats');
SELECT is_empty('SELECT * FROM evently.verify(-10)', 'the counter still agrees');

SELECT * FROM finish();
ROLLBACK;
