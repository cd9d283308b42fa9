-- 100,000 rows with keys as long as the service's own, once to warm up and once on the clock.
PREPARE bulk AS
INSERT INTO bench.bookings (user_id, event_id, seats, status, idempotency_key)
SELECT :first_user + n % (:last_user - :first_user + 1), :event_id, 1, 'CONFIRMED', 'svc-' || md5(n::text)
FROM generate_series(1, 100000) n;
TRUNCATE bench.bookings;
EXECUTE bulk;
TRUNCATE bench.bookings;
CHECKPOINT;
\timing on
EXECUTE bulk;
\timing off
TRUNCATE bench.bookings;
