-- What psql's \d+ says about tables and domains, apart from them because it can be replaced.

COMMENT ON TABLE evently.users IS 'People who book.';
COMMENT ON COLUMN evently.users.id IS 'Number of the user.';
COMMENT ON COLUMN evently.users.email IS 'E-mail address, trimmed and lower case, unique.';
COMMENT ON COLUMN evently.users.name IS 'Name as the user writes it; NULL when not given.';
COMMENT ON COLUMN evently.users.created_at IS 'When the row was made.';

COMMENT ON DOMAIN evently.label IS 'A name or venue: see is_label.';
COMMENT ON DOMAIN evently.start_time IS 'When an event starts: see is_start.';

COMMENT ON TABLE evently.events IS 'What seats are sold for. The row is also the lock of its event.';
COMMENT ON COLUMN evently.events.id IS 'Number of the event.';
COMMENT ON COLUMN evently.events.name IS 'Name of the event.';
COMMENT ON COLUMN evently.events.venue IS 'Where it takes place; NULL when not given.';
COMMENT ON COLUMN evently.events.start_at IS 'When it starts; from then on nothing can be booked.';
COMMENT ON COLUMN evently.events.capacity IS 'Seats in all, 0 to 1,000,000.';
COMMENT ON COLUMN evently.events.seats_available IS
  'Seats left: capacity less the seats of all live bookings (invariant I1).';
COMMENT ON COLUMN evently.events.version IS 'Grows with every change of the inventory.';
COMMENT ON COLUMN evently.events.details_version IS
  'Grows when an administrator changes the event; what If-Match compares.';
COMMENT ON COLUMN evently.events.created_at IS 'When the row was made.';
COMMENT ON COLUMN evently.events.updated_at IS 'When the row changed last.';

COMMENT ON TABLE evently.bookings IS 'Seats that changed hands, and those given back.';
COMMENT ON COLUMN evently.bookings.id IS 'Number of the booking.';
COMMENT ON COLUMN evently.bookings.user_id IS 'Who booked.';
COMMENT ON COLUMN evently.bookings.event_id IS 'What was booked.';
COMMENT ON COLUMN evently.bookings.seats IS 'How many seats, 1 to 1,000,000.';
COMMENT ON COLUMN evently.bookings.status IS 'CONFIRMED (occupies its seats) or CANCELLED.';
COMMENT ON COLUMN evently.bookings.idempotency_key IS
  'The caller''s name for this booking, 1 to 255 bytes, unique for each user: a repeat returns this row.';
COMMENT ON COLUMN evently.bookings.created_at IS 'When it was booked, on the database''s clock.';
COMMENT ON COLUMN evently.bookings.updated_at IS 'When its status changed last.';

COMMENT ON TABLE evently.repairs IS 'What reconcile changed, one row a repair.';
COMMENT ON COLUMN evently.repairs.id IS 'Number of the repair.';
COMMENT ON COLUMN evently.repairs.event_id IS 'Whose counter was repaired; the event may be gone by now.';
COMMENT ON COLUMN evently.repairs.capacity IS 'Capacity of the event at that time.';
COMMENT ON COLUMN evently.repairs.seats_before IS 'What seats_available said.';
COMMENT ON COLUMN evently.repairs.seats_after IS
  'What it says since: capacity less the seats of all live bookings.';
COMMENT ON COLUMN evently.repairs.repaired_by IS 'Who was logged in, whatever role he had taken.';
COMMENT ON COLUMN evently.repairs.repaired_at IS 'When, on the database''s clock.';
