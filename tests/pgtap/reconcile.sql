-- reconcile() sets a counter from the bookings and does nothing else: it adds no booking, removes none, and
-- leaves decisions to people. tests/isolation tests that it waits for the event's lock and notifies the
-- bridge.
\ir prelude.psql
SELECT plan(31);

SELECT id AS ann FROM evently.book(-1, -10, 4, 'k') \gset
SELECT id AS bob FROM evently.book(-2, -20, 2) \gset
SELECT evently.cancel((SELECT id FROM evently.book(-2, -10, 3))) AS ignored \gset
CREATE TEMPORARY TABLE bookings_before AS SELECT * FROM evently.bookings;
SAVEPOINT whole;

-- A sound event.
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (false, 10, 6, 6, 0::bigint)',
                  'a sound event is left as it is');
SELECT is(pg_temp.inventory(-10), '6/10 v4', '... its version, too');
SELECT is_empty('SELECT * FROM evently.repairs WHERE event_id = -10', '... and nothing is recorded');
ROLLBACK TO whole;

-- A counter above its bookings would oversell, one below them would hold seats back.
UPDATE evently.events SET seats_available = 9 WHERE id = -10;
SELECT isnt_empty('SELECT * FROM evently.verify(-10)', 'a counter above its bookings');
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (true, 10, 9, 6, 0::bigint)',
                  '... is set to what the bookings leave, and what was done is returned');
SELECT is(pg_temp.inventory(-10), '6/10 v5', '... with a new version, which copies must notice');
SELECT is_empty('SELECT * FROM evently.verify(-10)', '... after which verify is silent');
SELECT results_eq(
  $$SELECT event_id, capacity, seats_before, seats_after, repaired_by,
           repaired_at BETWEEN now() AND clock_timestamp()
    FROM evently.repairs WHERE event_id = -10$$,
  $$VALUES (-10::bigint, 10, 9, 6, session_user::text COLLATE "default", true)$$, '... and it is on record');
SELECT results_eq('SELECT changed FROM evently.reconcile(-10)', 'VALUES (false)',
                  'a second time there is nothing to do');
SELECT results_eq('SELECT count(*) FROM evently.repairs WHERE event_id = -10', 'VALUES (1::bigint)',
                  '... and nothing more to record');
ROLLBACK TO whole;
UPDATE evently.events SET seats_available = 0 WHERE id IN (-10, -30);
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (true, 10, 0, 6, 0::bigint)',
                  'a counter below its bookings');
SELECT results_eq('SELECT * FROM evently.reconcile(-30)', 'VALUES (true, 10, 0, 10, 0::bigint)',
                  '... of an event without bookings, started or not');
SELECT set_eq('SELECT * FROM evently.bookings', 'SELECT * FROM bookings_before',
              'no booking is made, changed or lost');
SELECT is(pg_temp.inventory(-20), '8/10 v2', '... nor any other event touched');
ROLLBACK TO whole;

-- A repair is recorded with the role that logged in.
UPDATE evently.events SET seats_available = 0 WHERE id = -10;
SELECT is(pg_temp.refusal_as('evently_admin', 'SELECT evently.reconcile(-10)'), 'none',
          'an admin may repair');
SELECT is((SELECT repaired_by FROM evently.repairs WHERE event_id = -10), session_user::text,
          '... and the repair names the login role, not the current role or the function''s owner');
SELECT evently.delete_event(-10) AS ignored \gset
SELECT isnt_empty('SELECT * FROM evently.repairs WHERE event_id = -10',
                  'the record outlives its event');
ROLLBACK TO whole;

-- Counters that no constraint would have let in.
ALTER TABLE evently.events DROP CONSTRAINT events_seats_available_check;
UPDATE evently.events SET seats_available = CASE id WHEN -10 THEN -1 ELSE 11 END
WHERE id IN (-10, -20);
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (true, 10, -1, 6, 0::bigint)',
                  'a counter below nothing');
SELECT results_eq('SELECT * FROM evently.reconcile(-20)', 'VALUES (true, 10, 11, 8, 0::bigint)',
                  'a counter above the capacity');
ROLLBACK TO whole;

-- Oversold: more seats booked than the capacity. The counter is not clamped; people have to decide.
INSERT INTO evently.bookings (user_id, event_id, seats, status) VALUES (-2, -10, 8, 'CONFIRMED');
SELECT is(pg_temp.refusal('SELECT evently.reconcile(-10)'),
          'TK105 capacity is below the seats already booked: Event -10 has 12 seats booked, 2 more than the capacity of 10.',
          'an oversold event is refused, in words');
SELECT is(pg_temp.inventory(-10), '6/10 v4', '... and left as it is');
SELECT is_empty('SELECT * FROM evently.repairs WHERE event_id = -10', '... with nothing on record');
SELECT evently.set_capacity(-10, 12) AS ignored \gset
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (true, 12, 8, 0, 0::bigint)',
                  'with a capacity that covers its bookings it is repaired');
SELECT evently.cancel(:ann) AS ignored \gset
SELECT evently.set_capacity(-10, 10) AS ignored \gset
SELECT is(split_part(pg_temp.inventory(-10), ' ', 1), '2/10',
          '... and after a cancellation the old capacity fits again');
SELECT is_empty('SELECT * FROM evently.verify(-10)', '... and verify is silent');
ROLLBACK TO whole;

-- Violations that people have to resolve are counted.
DROP INDEX evently.bookings_user_id_idempotency_key_key;
SET LOCAL enable_indexonlyscan = off;
INSERT INTO evently.bookings (user_id, event_id, seats, status, idempotency_key)
VALUES (-1, -10, 1, 'CONFIRMED', 'k');
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (true, 10, 6, 5, 2::bigint)',
                  'two bookings with one key both count, and both are still named');
ROLLBACK TO whole;
SET LOCAL session_replication_role = replica;
DELETE FROM evently.users WHERE id = -1;
SELECT results_eq('SELECT * FROM evently.reconcile(-10)', 'VALUES (false, 10, 6, 6, 1::bigint)',
                  'a booking without its user holds its seats until it is cancelled');
ROLLBACK TO whole;

-- Refusals.
SELECT is(pg_temp.refusal('SELECT evently.reconcile(NULL)'),
          '22023 invalid request: The event_id must not be null.', 'no event');
SELECT is(pg_temp.refusal('SELECT evently.reconcile(-99)'),
          'TK001 event does not exist: There is no event -99.', 'an event that is not there');
UPDATE evently.events SET seats_available = 0 WHERE id = -10;
SET LOCAL transaction_read_only = on;
SELECT matches(pg_temp.refusal('SELECT evently.reconcile(-10)'), '^25006 ',
               'a standby and a read-only session are not repaired');
ROLLBACK TO whole;

-- Admins may read the record, and no role may write it: see privileges.sql.
UPDATE evently.events SET seats_available = 0 WHERE id = -10;
SELECT evently.reconcile(-10) AS ignored \gset
SELECT results_eq('SELECT * FROM evently.repair_list', 'SELECT * FROM evently.repairs',
                  'the list shows the record');

SELECT * FROM finish();
ROLLBACK;
