-- 5,000,000 bookings of ten other events, with counters that agree, and keys as the service makes them.
CREATE TEMPORARY TABLE sold AS
SELECT (evently.create_event('Bench', now() + interval '9 days', 500000)).id FROM generate_series(1, 10);
INSERT INTO evently.bookings (user_id, event_id, seats, status, idempotency_key)
SELECT :first_user + n % (:last_user - :first_user + 1), sold.id, 1, 'CONFIRMED',
       'svc-' || lpad(to_hex(1700000000000 + n), 12, '0') || left(md5(sold.id || '-' || n), 20)
FROM sold, generate_series(1, 500000) n;
UPDATE evently.events SET seats_available = 0, version = version + 1 WHERE id IN (SELECT id FROM sold);
VACUUM (ANALYZE) evently.bookings, evently.events;
CHECKPOINT;
