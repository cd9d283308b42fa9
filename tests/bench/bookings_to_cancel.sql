-- :count bookings of one seat of the event, with a counter that agrees; prints their first and last id.
WITH booked AS (
  INSERT INTO evently.bookings (user_id, event_id, seats, status, idempotency_key)
  SELECT :first_user + n % (:last_user - :first_user + 1), :event_id, 1, 'CONFIRMED', 'to-cancel-' || n
  FROM generate_series(1, :count) n
  RETURNING id
), counted AS (
  UPDATE evently.events SET seats_available = seats_available - :count, version = version + 1
  WHERE id = :event_id
)
SELECT min(id) || '-' || max(id) FROM booked;
