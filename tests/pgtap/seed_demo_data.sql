\ir prelude.psql
SELECT plan(16);

-- As on a new database.
DELETE FROM evently.events;
DELETE FROM evently.users;
SELECT results_eq('SELECT * FROM evently.seed_demo_data()',
                  'VALUES (3::bigint, 3::bigint, 2::bigint)',
                  'the first time makes users, events and bookings');
SELECT is_empty('SELECT * FROM evently.events WHERE start_at <= now()', 'all events can be booked');
SELECT is_empty('SELECT * FROM evently.verify()', '... and the counters agree with the bookings');
CREATE TEMPORARY TABLE seeded AS
SELECT to_jsonb(u) AS row FROM evently.users u
UNION ALL SELECT to_jsonb(e) FROM evently.events e
UNION ALL SELECT to_jsonb(b) FROM evently.bookings b;
SELECT results_eq('SELECT * FROM evently.seed_demo_data()',
                  'VALUES (3::bigint, 3::bigint, 2::bigint)',
                  'the second time makes nothing');
SELECT set_eq(
  'SELECT to_jsonb(u) FROM evently.users u UNION ALL SELECT to_jsonb(e) FROM evently.events e
   UNION ALL SELECT to_jsonb(b) FROM evently.bookings b', 'SELECT row
     FROM seeded', '... and changes nothing');

SELECT evently.cancel(id) AS cancelled FROM evently.bookings ORDER BY id LIMIT 1 \gset
SELECT is((SELECT bookings FROM evently.seed_demo_data()), 2::bigint,
          'a cancelled demo booking stays cancelled');
SELECT evently.delete_event(id) AS deleted FROM evently.events ORDER BY id LIMIT 1 \gset
SELECT results_eq('SELECT * FROM evently.seed_demo_data()',
                  'VALUES (3::bigint, 3::bigint, 2::bigint)',
                  'what was deleted is made again');
UPDATE evently.events SET start_at = now() - interval '1 day';
SELECT is((SELECT events FROM evently.seed_demo_data()), 3::bigint,
          'events that began are not made twice');
SELECT is_empty('SELECT * FROM evently.events WHERE start_at <= now()',
                '... but moved into the future');

-- Beside real rows.
SELECT count(*) AS users FROM evently.users \gset
SELECT evently.create_user('real@pgtap.example') AS made \gset
SELECT is((SELECT users FROM evently.seed_demo_data()), :users + 1::bigint, 'what is there counts');
SELECT evently.update_event(id, name => 'Renamed', venue => 'Elsewhere') AS changed
  FROM evently.events ORDER BY id LIMIT 1 \gset
SELECT is((SELECT events FROM evently.seed_demo_data()), 4::bigint,
          'a renamed event is no demo event any more');
SELECT is((SELECT venue FROM evently.events WHERE name = 'Renamed'), 'Elsewhere',
          '... and is left alone');

-- A demo event that is sold out or has less capacity now has no seats for demo bookings.
SELECT evently.delete_user(id) AS deleted FROM evently.users WHERE email = 'demo1@example.com' \gset
SELECT evently.set_capacity(id, 0) AS shrunk FROM evently.events WHERE name = 'Demo concert' \gset
SELECT evently.book((SELECT id FROM evently.users WHERE email = 'demo2@example.com'), id,
  seats_available) AS sold
FROM evently.events WHERE name = 'Demo lecture' \gset
SELECT is(pg_temp.refusal('SELECT evently.seed_demo_data()'), 'none',
          'a sold-out demo event is no error');
SELECT is((SELECT count(*) FROM evently.bookings b JOIN evently.users u ON u.id = b.user_id
           WHERE u.email = 'demo1@example.com' AND b.event_id IN (
             SELECT id FROM evently.events WHERE capacity = 0 OR seats_available = 0)), 0::bigint,
               '... and is left sold out');
SELECT isnt((SELECT id FROM evently.users WHERE email = 'demo1@example.com'), NULL,
            '... while the rest is made');
SELECT is_empty('SELECT * FROM evently.verify()', 'the counters agree with the bookings');

SELECT * FROM finish();
ROLLBACK;
