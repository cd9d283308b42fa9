\ir prelude.psql
SELECT plan(21);

SELECT id AS ann FROM evently.book(-1, -10, 4, 'secret key') \gset
SELECT columns_are('evently', 'event_list', ARRAY['id', 'name', 'venue', 'start_at', 'capacity',
                   'seats_available',
                   'version', 'details_version', 'created_at', 'updated_at'],
                     'event_list shows every column of an event');
SELECT results_eq('SELECT * FROM evently.event_list ORDER BY id',
                  'SELECT * FROM evently.events ORDER BY id',
                  '... each event once');
SELECT columns_are('evently', 'booking_list', ARRAY['id', 'user_id', 'event_id', 'seats', 'status',
                   'created_at',
                   'updated_at'], 'booking_list shows no idempotency key');
SELECT results_eq('SELECT * FROM evently.booking_list ORDER BY id',
                  'SELECT id, user_id, event_id, seats, status, created_at, updated_at FROM evently.bookings ORDER BY id',
                  '... each booking once');
SELECT columns_are('evently', 'user_list', ARRAY['id', 'name', 'created_at'],
                   'user_list shows no e-mail address');
SELECT results_eq('SELECT * FROM evently.user_list ORDER BY id',
                  'SELECT id, name, created_at FROM evently.users ORDER BY id',
                  '... each user once');
SELECT columns_are('evently', 'user_accounts', ARRAY['id', 'email', 'name', 'created_at'],
                   'user_accounts shows the e-mail address');
SELECT results_eq('SELECT * FROM evently.user_accounts ORDER BY id',
                  'SELECT id, email, name, created_at FROM evently.users ORDER BY id',
                  '... each user once');
SELECT columns_are('evently', 'booking_accounts', ARRAY['event_id', 'booking_id', 'user_id',
                   'user_email', 'user_name',
                   'seats', 'status', 'created_at'], 'booking_accounts shows who booked');
SELECT results_eq(
  format('SELECT event_id, booking_id, user_id, user_email, user_name, seats, status
          FROM evently.booking_accounts WHERE booking_id = %s', :ann),
  format($$VALUES (-10::bigint, %s::bigint, -1::bigint, 'ann@pgtap.example', 'Ann', 4,
    'CONFIRMED')$$, :ann),
  '... each booking once');
SELECT is((SELECT count(*) FROM evently.booking_accounts), (SELECT count(*) FROM evently.bookings),
          '... all of them');

-- What the bridge reads.
SELECT columns_are('evently', 'inventory', ARRAY['id', 'version', 'seats_available',
                   'ms_until_start'],
                   'inventory shows what a copy needs');
SELECT results_eq('SELECT id, version, seats_available FROM evently.inventory WHERE id < 0 ORDER BY id DESC',
                  'VALUES (-10::bigint, 2::bigint, 6), (-20, 1, 10)',
                    '... of events that have not started');
SELECT ok(ms_until_start BETWEEN 86340000 AND 86400000,
          'a start in a day is up to 86,400,000 ms away')
FROM evently.inventory WHERE id = -10;
UPDATE evently.events SET start_at = clock_timestamp() + interval '1 minute' WHERE id = -20;
SELECT ok(ms_until_start BETWEEN 1 AND 60000, '... and one in a minute up to 60,000, by the clock')
FROM evently.inventory WHERE id = -20;
UPDATE evently.events SET start_at = clock_timestamp() WHERE id = -20;
SELECT is_empty('SELECT * FROM evently.inventory WHERE id = -20',
                'an event that starts now is gone, however old the transaction');
UPDATE evently.events SET start_at = '9999-12-31+00' WHERE id = -10;
SELECT is((SELECT ms_until_start FROM evently.inventory WHERE id = -10), 31536000000,
          'a start far away is a year away, which Redis can count');
SELECT col_type_is('evently', 'inventory', 'ms_until_start', 'bigint', 'milliseconds are whole');

-- How they are read.
SELECT matches(pg_temp.plan_of('SELECT * FROM evently.event_list WHERE (start_at, id) > (now(), 7) ORDER BY start_at, id LIMIT 10'),
               'Index Scan using events_start_at_id_idx',
                 'a page of events is read from the index');
SELECT matches(pg_temp.plan_of('SELECT * FROM evently.inventory WHERE id > 7 ORDER BY id LIMIT 1000'),
               'Index Scan using events_pkey', 'a page of the inventory is read from the index');
SELECT matches(pg_temp.plan_of('SELECT * FROM evently.user_accounts ORDER BY id DESC LIMIT 100'),
               'Index Scan Backward using users_pkey', 'a page of users is read from the index');

SELECT * FROM finish();
ROLLBACK;
