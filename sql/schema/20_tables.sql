-- What the constraints below and the functions that validate have in common, written once.
-- COLLATE "C": what is a blank or a capital must not depend on the locale, or a dump of one database
-- would be refused by another.

CREATE FUNCTION evently.is_label(label text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN octet_length(label) BETWEEN 1 AND 200 AND label = btrim(label)
  AND label COLLATE "C" !~ '[[:cntrl:]]';
COMMENT ON FUNCTION evently.is_label(text) IS
  'True for a name or venue: 1 to 200 bytes, trimmed, without control characters.';

CREATE FUNCTION evently.is_email(email text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN octet_length(email) <= 254 AND email = lower(email COLLATE "C")
  AND email COLLATE "C" ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$';
COMMENT ON FUNCTION evently.is_email(text) IS
  'True for an e-mail address as stored: one @ with something on both sides, no blanks, lower case, at most 254 bytes (RFC 5321).';

CREATE FUNCTION evently.is_start(start_at timestamptz) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN start_at >= '1970-01-01 00:00:00+00' AND start_at < '10000-01-01 00:00:00+00';
COMMENT ON FUNCTION evently.is_start(timestamptz) IS
  'True for a start that RFC 3339 can write: from 1970 on, before the year 10000, finite.';

CREATE FUNCTION evently.is_live(status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status = 'CONFIRMED';
COMMENT ON FUNCTION evently.is_live(text) IS
  'True for a booking status that occupies seats. The one place in SQL that knows (invariant I1).';

CREATE TABLE evently.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL CONSTRAINT users_email_key UNIQUE
    CONSTRAINT users_email_check CHECK (evently.is_email(email)),
  name text CONSTRAINT users_name_check CHECK (evently.is_label(name)),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE evently.users IS 'People who book.';
COMMENT ON COLUMN evently.users.id IS 'Number of the user.';
COMMENT ON COLUMN evently.users.email IS 'E-mail address, trimmed and lower case, unique.';
COMMENT ON COLUMN evently.users.name IS 'Name as the user writes it; NULL when not given.';
COMMENT ON COLUMN evently.users.created_at IS 'When the row was made.';

-- Domains, because PostgreSQL prepares every CHECK of a table anew for each UPDATE: with these three as
-- constraints of events a quarter of a booking's time went there. A domain is looked at only when
-- its own column is written.
CREATE DOMAIN evently.label AS text CONSTRAINT label_check CHECK (evently.is_label(VALUE));
COMMENT ON DOMAIN evently.label IS 'A name or venue: see is_label.';
CREATE DOMAIN evently.start_time AS timestamptz
  CONSTRAINT start_time_check CHECK (evently.is_start(VALUE));
COMMENT ON DOMAIN evently.start_time IS 'When an event starts: see is_start.';

-- A booking updates one events row in place: the fillfactor leaves room for HOT updates, and vacuum
-- comes by the number of dead rows rather than by a share of a table that stays small.
CREATE TABLE evently.events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name evently.label NOT NULL,
  venue evently.label,
  start_at evently.start_time NOT NULL,
  capacity integer NOT NULL CONSTRAINT events_capacity_check CHECK (capacity BETWEEN 0 AND 1000000),
  seats_available integer NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  details_version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT events_seats_available_check CHECK (seats_available BETWEEN 0 AND capacity)
) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX events_start_at_id_idx ON evently.events (start_at, id);
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

CREATE TABLE evently.bookings (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL CONSTRAINT bookings_user_id_fkey
    REFERENCES evently.users (id) ON DELETE CASCADE,
  event_id bigint NOT NULL CONSTRAINT bookings_event_id_fkey
    REFERENCES evently.events (id) ON DELETE CASCADE,
  seats integer NOT NULL CONSTRAINT bookings_seats_check CHECK (seats BETWEEN 1 AND 1000000),
  status text NOT NULL CONSTRAINT bookings_status_check CHECK (status IN ('CONFIRMED', 'CANCELLED')),
  idempotency_key text CONSTRAINT bookings_idempotency_key_check
    CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 90);
-- COLLATE "C": keys are bytes to us, and compare faster than words.
CREATE UNIQUE INDEX bookings_user_id_idempotency_key_key
  ON evently.bookings (user_id, idempotency_key COLLATE "C") WHERE idempotency_key IS NOT NULL;
CREATE INDEX bookings_user_id_id_idx ON evently.bookings (user_id, id);
CREATE INDEX bookings_event_id_id_idx ON evently.bookings (event_id, id);
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

-- No foreign key: what was repaired stays on record when its event goes.
CREATE TABLE evently.repairs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id bigint NOT NULL,
  capacity integer NOT NULL,
  seats_before integer NOT NULL,
  seats_after integer NOT NULL,
  repaired_by text NOT NULL DEFAULT session_user,
  repaired_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE evently.repairs IS 'What reconcile changed, one row a repair.';
COMMENT ON COLUMN evently.repairs.id IS 'Number of the repair.';
COMMENT ON COLUMN evently.repairs.event_id IS 'Whose counter was repaired; the event may be gone by now.';
COMMENT ON COLUMN evently.repairs.capacity IS 'Capacity of the event at that time.';
COMMENT ON COLUMN evently.repairs.seats_before IS 'What seats_available said.';
COMMENT ON COLUMN evently.repairs.seats_after IS
  'What it says since: capacity less the seats of all live bookings.';
COMMENT ON COLUMN evently.repairs.repaired_by IS 'Who was logged in, whatever role he had taken.';
COMMENT ON COLUMN evently.repairs.repaired_at IS 'When, on the database''s clock.';

-- Without these a dump would hold CREATE EXTENSION and no row. Sequences have to be named themselves.
SELECT pg_catalog.pg_extension_config_dump('evently.users', '');
SELECT pg_catalog.pg_extension_config_dump('evently.events', '');
SELECT pg_catalog.pg_extension_config_dump('evently.bookings', '');
SELECT pg_catalog.pg_extension_config_dump('evently.users_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('evently.events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('evently.bookings_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('evently.repairs', '');
SELECT pg_catalog.pg_extension_config_dump('evently.repairs_id_seq', '');
