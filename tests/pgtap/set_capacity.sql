\ir prelude.psql
SELECT plan(22);

SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.set_capacity(-10, 20) AS returned \gset
SELECT is(:'returned', (SELECT e::text FROM evently.events e WHERE id = -10),
          'set_capacity returns the row as it stands in the table');
SELECT is(pg_temp.inventory(-10), '16/20 v3',
          'a larger capacity adds free seats, and bumps the version');
SELECT ok(details_version = 2 AND updated_at > created_at,
          'it is a change by an administrator: details_version grows, updated_at moves')
FROM evently.events WHERE id = -10;
SELECT lives_ok('SELECT evently.set_capacity(event_id => -10, capacity => 4)',
                'the capacity can shrink to what is booked');
SELECT is(pg_temp.inventory(-10), '0/4 v4', '... and the event is sold out');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(-10, 3)'),
          'TK105 capacity is below the seats already booked: '
          'Event -10 has 4 seats booked, 1 more than the capacity of 3.',
          'one seat fewer is refused, and the detail names the shortfall');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(-10, 0)'),
          'TK105 capacity is below the seats already booked: '
          'Event -10 has 4 seats booked, 4 more than the capacity of 0.',
          'no capacity is refused while there are bookings');
SELECT is(pg_temp.inventory(-10), '0/4 v4', 'what was refused changed nothing');

SELECT is(pg_temp.inventory(-20), '10/10 v1', 'another event is not touched');
SELECT lives_ok('SELECT evently.set_capacity(-20, 0)', 'a capacity of 0 is allowed');
SELECT is(pg_temp.inventory(-20), '0/0 v2', '... and leaves no seat');
SELECT lives_ok('SELECT evently.set_capacity(-20, 1000000)', 'a capacity of 1,000,000 is allowed');
SELECT is(pg_temp.inventory(-20), '1000000/1000000 v3', '... and leaves as many seats');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(-20, 1000001)'),
          '22023 invalid request: The capacity must be from 0 to 1000000 seats, not 1000001.',
          'one more is not');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(-20, -1)'),
          '22023 invalid request: The capacity must be from 0 to 1000000 seats, not -1.',
          'a capacity cannot be negative');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(NULL, 10)'),
          '22023 invalid request: The event_id must not be null.', 'an event is needed');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(-20, NULL)'),
          '22023 invalid request: The capacity must not be null.', 'a capacity is needed');
SELECT is(pg_temp.refusal('SELECT evently.set_capacity(-99, 10)'),
          'TK001 event does not exist: There is no event -99.', 'an unknown event');
SELECT matches(pg_temp.refusal('SELECT evently.set_capacity(-99, -1)'), '^22023 ',
               'an invalid request comes before a missing event');

SELECT evently.cancel((SELECT id FROM evently.bookings WHERE user_id = -1)) AS ignored \gset
SELECT lives_ok('SELECT evently.set_capacity(-10, 0)',
                'cancelled seats do not hold the capacity up');
SELECT lives_ok('SELECT evently.set_capacity(-30, 11)', 'the capacity can change after the start');
SELECT is_empty($$SELECT v.* FROM (VALUES (-10), (-20), (-30)) e (id), evently.verify(e.id) v$$,
                'the counters agree with the bookings');

SELECT * FROM finish();
ROLLBACK;
