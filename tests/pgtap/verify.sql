-- verify() names what is wrong. The functions cannot violate an invariant, so the tests first drop the
-- constraints that would prevent it, each within a savepoint.
\ir prelude.psql
SELECT plan(16);

SELECT id AS ann FROM evently.book(-1, -10, 4, 'k') \gset
SELECT id AS bob FROM evently.book(-2, -20, 2, 'k') \gset
SELECT evently.cancel((SELECT id FROM evently.book(-2, -10, 3))) AS ignored \gset
SAVEPOINT whole;
SELECT is_empty('SELECT * FROM evently.verify(-10)', 'silent on a sound event');
SELECT is_empty('SELECT * FROM evently.verify() WHERE event_id < 0', 'silent on sound events');
SELECT is_empty('SELECT * FROM evently.verify(-99)', 'silent on an event that is not there');

UPDATE evently.events SET seats_available = seats_available + 1 WHERE id = -10;
SELECT results_eq(
  'SELECT * FROM evently.verify(-10)',
  $$VALUES ('I1 counter equals bookings', -10::bigint, NULL::bigint,
            'capacity 10 less 7 available is 3, but live bookings hold 4 seats')$$,
  'a counter above its bookings');
SELECT is_empty('SELECT * FROM evently.verify(-20)', '... is not another event''s fault');
SELECT results_eq('SELECT event_id FROM evently.verify() WHERE event_id < 0',
                  'VALUES (-10::bigint)',
                  '... and is found without naming the event');
ROLLBACK TO whole;
UPDATE evently.events SET seats_available = 0 WHERE id = -30;
SELECT results_eq(
  'SELECT detail FROM evently.verify(-30)',
  $$VALUES ('capacity 10 less 0 available is 10, but live bookings hold 0 seats')$$,
  'a counter below its bookings, where there are none');
ROLLBACK TO whole;
UPDATE evently.bookings SET status = 'CANCELLED' WHERE id = :ann;
SELECT results_eq('SELECT invariant FROM evently.verify(-10)',
                  $$VALUES ('I1 counter equals bookings')$$,
                  'a booking cancelled without a refund');
ROLLBACK TO whole;

ALTER TABLE evently.events DROP CONSTRAINT events_seats_available_check;
UPDATE evently.events SET seats_available = CASE id WHEN -10 THEN -1 ELSE 11 END
  WHERE id IN (-10, -20);
SELECT results_eq(
  $$SELECT event_id, booking_id, detail FROM evently.verify()
    WHERE event_id < 0 AND invariant = 'I1 seats within capacity' ORDER BY event_id DESC$$,
  $$VALUES (-10::bigint, NULL::bigint, '-1 of 10 seats available'),
    (-20, NULL, '11 of 10 seats available')$$,
  'counters below nothing and above the capacity');
SELECT results_eq($$SELECT detail FROM evently.verify(-20)
                  WHERE invariant = 'I1 seats within capacity'$$,
                  $$VALUES ('11 of 10 seats available')$$, '... of one event when one is named');
ROLLBACK TO whole;

DROP INDEX evently.bookings_user_id_idempotency_key_key;
SET LOCAL enable_indexonlyscan = off;
INSERT INTO evently.bookings (user_id, event_id, seats, status, idempotency_key)
VALUES (-1, -20, 1, 'CANCELLED', 'k') RETURNING id AS twin \gset
SELECT results_eq(
  'SELECT * FROM evently.verify() WHERE event_id < 0 ORDER BY booking_id',
  format($$VALUES ('I3 one key, one booking', -10::bigint, %s::bigint,
    'user -1 has 2 bookings with the key of this one'),
                  ('I3 one key, one booking', -20, %s,
                    'user -1 has 2 bookings with the key of this one')$$, :ann, :twin),
  'a key with two bookings: both are named, and Bob''s booking with the same key is not');
SELECT results_eq(
  'SELECT event_id, booking_id FROM evently.verify(-20)',
    format('VALUES (-20::bigint, %s::bigint)', :twin),
  '... also when one event is named and its twin belongs to another');
ROLLBACK TO whole;

-- As a replica applies changes: without foreign keys and triggers.
SET LOCAL session_replication_role = replica;
DELETE FROM evently.users WHERE id = -1;
SELECT results_eq(
  'SELECT * FROM evently.verify() WHERE event_id < 0',
  format($$VALUES ('a booking has its event and user', -10::bigint, %s::bigint,
    'user -1 or event -10 does not exist')$$, :ann),
  'a booking without its user');
ROLLBACK TO whole;
SET LOCAL session_replication_role = replica;
DELETE FROM evently.events WHERE id = -20;
SELECT results_eq(
  'SELECT invariant, booking_id FROM evently.verify(-20)',
  format($$VALUES ('a booking has its event and user', %s::bigint)$$, :bob),
  'a booking without its event, which can still be named');
ROLLBACK TO whole;

SELECT is_empty('SELECT * FROM evently.verify(event_id => -10)', 'silent again');
SET LOCAL transaction_read_only = on;
SELECT is(pg_temp.refusal('SELECT * FROM evently.verify()'), 'none', 'it locks and writes nothing');

SELECT * FROM finish();
ROLLBACK;
