-- What \d+ in psql shows of tables and domains. Apart from them, because comments can be replaced.

COMMENT ON TABLE evently.users IS 'People who book.';
COMMENT ON COLUMN evently.users.id IS 'Number of the user.';
COMMENT ON COLUMN evently.users.email IS 'E-mail address as stored_email writes it, unique.';
COMMENT ON COLUMN evently.users.name IS 'Name as the user writes it; NULL when not given.';
COMMENT ON COLUMN evently.users.created_at IS 'When the row was made.';
COMMENT ON COLUMN evently.users.idempotency_key IS
  'Key with which the user was created, 1 to 255 bytes; NULL when none was given.';

COMMENT ON DOMAIN evently.label IS 'A name or venue: see is_label.';
COMMENT ON DOMAIN evently.start_time IS 'When an event starts: see is_start.';

COMMENT ON TABLE evently.events IS 'Events that sell seats. A booking locks the row of its event.';
COMMENT ON COLUMN evently.events.id IS 'Number of the event.';
COMMENT ON COLUMN evently.events.name IS 'Name of the event.';
COMMENT ON COLUMN evently.events.venue IS 'Where it takes place; NULL when not given.';
COMMENT ON COLUMN evently.events.start_at IS 'When it starts; from then on nothing can be booked.';
COMMENT ON COLUMN evently.events.capacity IS 'Number of seats in total, 0 to 1,000,000.';
COMMENT ON COLUMN evently.events.seats_available IS
  'Seats left: capacity less the seats of all live bookings (invariant I1).';
COMMENT ON COLUMN evently.events.version IS 'Increases with every change of capacity or seats_available.';
COMMENT ON COLUMN evently.events.details_version IS
  'Increases when an administrator changes the event; If-Match compares it.';
COMMENT ON COLUMN evently.events.created_at IS 'When the row was made.';
COMMENT ON COLUMN evently.events.updated_at IS 'When the row changed last.';

COMMENT ON TABLE evently.bookings IS 'Bookings, confirmed and cancelled.';
COMMENT ON COLUMN evently.bookings.id IS 'Number of the booking.';
COMMENT ON COLUMN evently.bookings.user_id IS 'User who booked.';
COMMENT ON COLUMN evently.bookings.event_id IS 'Event that was booked.';
COMMENT ON COLUMN evently.bookings.seats IS 'Number of seats, 1 to 1,000,000.';
COMMENT ON COLUMN evently.bookings.status IS 'CONFIRMED (occupies its seats) or CANCELLED.';
COMMENT ON COLUMN evently.bookings.idempotency_key IS
  'Name that the caller gave this booking, 1 to 255 bytes, unique per user: a repeat returns this row.';
COMMENT ON COLUMN evently.bookings.created_at IS 'When it was booked, on the database''s clock.';
COMMENT ON COLUMN evently.bookings.updated_at IS 'When its status changed last.';

COMMENT ON TABLE evently.repairs IS 'Counters that reconcile corrected, one row per repair.';
COMMENT ON COLUMN evently.repairs.id IS 'Number of the repair.';
COMMENT ON COLUMN evently.repairs.event_id IS 'Event whose seats_available was repaired; it may have been deleted since.';
COMMENT ON COLUMN evently.repairs.capacity IS 'Capacity of the event when it was repaired.';
COMMENT ON COLUMN evently.repairs.seats_before IS 'Value of seats_available before the repair.';
COMMENT ON COLUMN evently.repairs.seats_after IS
  'Value after the repair: capacity less the seats of all live bookings.';
COMMENT ON COLUMN evently.repairs.repaired_by IS 'Role that logged in and ran reconcile (session_user), also after SET ROLE.';
COMMENT ON COLUMN evently.repairs.repaired_at IS 'When it was repaired, on the database''s clock.';
