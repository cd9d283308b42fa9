-- Seats are given back also when the owner deletes rows directly (invariant I1).
\ir prelude.psql
SELECT plan(17);

SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.book(-2, -10, 2) AS ignored \gset
SELECT evently.book(-1, -20, 3) AS ignored \gset
SELECT evently.cancel((SELECT id FROM evently.book(-2, -20, 5))) AS ignored \gset
SET LOCAL ROLE evently_owner;
DELETE FROM evently.bookings WHERE user_id = -2;
RESET ROLE;
SELECT is(pg_temp.inventory(-10), '6/10 v4', 'DELETE of a live booking gives its seats back');
SELECT is(pg_temp.inventory(-20), '7/10 v4', 'DELETE of a cancelled booking gives nothing back');
DELETE FROM evently.bookings WHERE id < 0;
SELECT is(pg_temp.inventory(-10) || ', ' || pg_temp.inventory(-20), '6/10 v4, 7/10 v4',
          'DELETE of no row changes nothing');

SELECT evently.book(-2, -10, 1) AS ignored \gset
SELECT evently.book(-2, -10, 1) AS ignored \gset
DELETE FROM evently.bookings WHERE event_id IN (-10, -20);
SELECT is(pg_temp.inventory(-10) || ', ' || pg_temp.inventory(-20), '10/10 v7, 10/10 v5',
          'DELETE of many bookings refunds each event once');

SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.book(-2, -20, 2) AS ignored \gset
DELETE FROM evently.users WHERE id IN (-1, -2);
SELECT is(pg_temp.inventory(-10) || ', ' || pg_temp.inventory(-20), '10/10 v9, 10/10 v7',
          'DELETE of users refunds through the cascade');
INSERT INTO evently.users (id, email) OVERRIDING SYSTEM VALUE
VALUES (-1, 'ann@pgtap.example'), (-2, 'bob@pgtap.example');

SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.book(-1, -20, 4) AS ignored \gset
DELETE FROM evently.events WHERE id = -10;
SELECT is_empty('SELECT * FROM evently.bookings WHERE event_id = -10',
                'DELETE of an event takes its bookings along');
SELECT is(pg_temp.inventory(-20), '6/10 v8', '... and leaves other events alone');
SELECT is_empty('SELECT * FROM evently.verify() WHERE event_id < 0', 'no invariant is hurt');

-- TRUNCATE does not say which rows it removed: every event gets all its seats back.
SELECT id AS full_event FROM evently.create_event('Full', now() + interval '1 day', 10) \gset
TRUNCATE evently.bookings;
SELECT is(pg_temp.inventory(-20), '10/10 v9', 'TRUNCATE of bookings gives all seats back');
SELECT is(pg_temp.inventory(:full_event), '10/10 v1',
          '... and leaves events alone that had them all');
SELECT is_empty('SELECT * FROM evently.verify()', '... so that no invariant is hurt anywhere');
SELECT throws_ok('TRUNCATE evently.users', '0A000', NULL, 'TRUNCATE of users needs CASCADE');
SELECT evently.book(-1, -20, 4) AS ignored \gset
TRUNCATE evently.users CASCADE;
SELECT is(pg_temp.inventory(-20), '10/10 v11', '... and then gives all seats back, too');
SELECT evently.epoch() AS epoch_before \gset
TRUNCATE evently.events CASCADE;
SELECT is_empty('SELECT * FROM evently.events', 'TRUNCATE of events takes all');
SELECT isnt(evently.epoch(), :'epoch_before',
            '... and begins a new epoch, as versions begin again');

-- Constraints hold for every role that writes.
SELECT throws_ok($$INSERT INTO evently.events (name, start_at, capacity, seats_available)
                   VALUES ('E', now(), 10, 11)$$, '23514', NULL, 'no more seats than the capacity');
SELECT throws_ok($$INSERT INTO evently.events (name, start_at, capacity, seats_available)
                   VALUES ('E', now(), 10, -1)$$, '23514', NULL, 'no fewer seats than none');

SELECT * FROM finish();
ROLLBACK;
