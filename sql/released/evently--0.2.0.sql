\echo Use "CREATE EXTENSION evently" to load this file. \quit

-- Roles belong to the cluster: another database, or a dump restored here, may have made them already.
DO $$
DECLARE
  missing text;
BEGIN
  FOREACH missing IN ARRAY ARRAY['evently_owner', 'evently_reader', 'evently_booker', 'evently_admin']
  LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = missing) THEN
      BEGIN
        EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', missing);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- a CREATE EXTENSION in another database was faster
      END;
    END IF;
  END LOOP;

  -- Every SECURITY DEFINER function runs as this role.
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = 'evently_owner') THEN
    RAISE EXCEPTION 'role evently_owner is a superuser'
      USING HINT = 'Run ALTER ROLE evently_owner NOSUPERUSER, then create the extension again.';
  END IF;
END
$$;

GRANT evently_reader TO evently_booker;
GRANT evently_booker TO evently_admin;

-- Made here and not by the control file: a member schema comes back with CREATE EXTENSION, so a dump
-- restores in a cluster that has none of the roles yet.
CREATE SCHEMA evently AUTHORIZATION evently_owner;
COMMENT ON SCHEMA evently IS 'Evently: events, bookings and the functions that change them.';
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
-- The doors through which seats change hands. All are C++ (extension/pg_booking.cpp and its
-- neighbours), and all take the lock of the event first. Their statements are planned once a session:
-- by index alone, or a plan made while a table was small would read all of it when it is large, and a
-- foreign key's check would build a bitmap for the one row of an event.

CREATE FUNCTION evently.book(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL)
RETURNS evently.bookings
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book';
COMMENT ON FUNCTION evently.book(bigint, bigint, integer, text) IS
  'Books seats (1 to 1,000,000) of an event for a user, as part of the caller''s transaction, and returns the booking. Call it in FROM: SELECT (evently.book(...)).* books once for each column. A repeat of the user''s idempotency_key (1 to 255 bytes) returns the first booking as it is now. Errors: 22023 invalid-request, TK104 idempotency-key-reused, TK001 event-not-found, TK002 user-not-found, TK103 booking-closed, TK101 not-enough-seats; checked in this order.';

CREATE FUNCTION evently.book_outcome(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT replayed boolean, OUT version bigint,
  OUT seats_available integer)
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book_outcome';
COMMENT ON FUNCTION evently.book_outcome(bigint, bigint, integer, text) IS
  'As book, and says what it did: replayed (the key was seen before), and the event''s version and seats_available after it, both NULL when replayed. For callers that keep a cache of inventory.';

CREATE FUNCTION evently.book_many(
  event_id bigint, user_ids bigint[], seats integer[], idempotency_keys text[] DEFAULT NULL,
  OUT "position" integer, OUT outcome text, OUT sqlstate text, OUT message text,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT version bigint, OUT seats_available integer)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book_many';
COMMENT ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) IS
  'Books many items (at most 1000, each a user, seats and perhaps an idempotency_key) of one event under one lock, as part of the caller''s transaction, with the outcome of the same calls of book in this order. Returns one row an item in order: its position from 1; outcome booked, replayed (the key was seen before, in the table or in this batch) or refused; when refused the sqlstate and message that book would raise, else the booking; and the event''s version and seats_available after the batch, NULL when the event does not exist or was not looked at. A refused item hurts no other. Without keys pass NULL for the array or for its element. Errors: 22023 invalid-request when an array is null, has several dimensions, another length or too many elements, or holds nulls.';

CREATE PROCEDURE evently.book_and_commit(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL,
  INOUT booking_id bigint DEFAULT NULL, INOUT status text DEFAULT NULL,
  INOUT created_at timestamptz DEFAULT NULL, INOUT replayed boolean DEFAULT NULL,
  INOUT version bigint DEFAULT NULL, INOUT seats_available integer DEFAULT NULL)
LANGUAGE c
AS 'MODULE_PATHNAME', 'evently_book_and_commit';
COMMENT ON PROCEDURE evently.book_and_commit(
  bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer) IS
  'Books seats as book does, in a transaction of its own, and commits: on return the booking is as durable as synchronous_commit asks. Sessions that book one event at once share one lock and one commit (group commit), which makes a hot event many times faster than book. Outside a transaction block only. Returns the booking_id, its status, created_at, whether the key was seen before (replayed), and the event''s version and seats_available after it, both NULL when replayed. What is passed for these is ignored. Raises 25001 inside a transaction block. Errors: 22023 invalid-request, TK104 idempotency-key-reused, TK001 event-not-found, TK002 user-not-found, TK103 booking-closed, TK101 not-enough-seats; as book.';

CREATE FUNCTION evently.cancel(booking_id bigint)
RETURNS evently.bookings
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_cancel';
COMMENT ON FUNCTION evently.cancel(bigint) IS
  'Cancels a booking, gives its seats back and returns it. One that is cancelled already is returned unchanged, so seats come back once (invariant I4). Errors: 22023 invalid-request, TK003 booking-not-found.';

CREATE FUNCTION evently.cancel_outcome(
  booking_id bigint, OUT booking_id bigint, OUT event_id bigint, OUT status text,
  OUT changed boolean, OUT version bigint, OUT seats_available integer)
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_cancel_outcome';
COMMENT ON FUNCTION evently.cancel_outcome(bigint) IS
  'As cancel, and says what it did: changed (false: was cancelled before), and the event''s version and seats_available after it, both NULL when unchanged.';

CREATE FUNCTION evently.set_capacity(event_id bigint, capacity integer)
RETURNS evently.events
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_set_capacity';
COMMENT ON FUNCTION evently.set_capacity(bigint, integer) IS
  'Sets an event''s capacity (0 to 1,000,000 seats) and returns the event. Errors: 22023 invalid-request, TK001 event-not-found, TK105 capacity-below-booked, whose detail names the shortfall.';

CREATE FUNCTION evently.bookings_by_key(
  user_ids bigint[], idempotency_keys text[], OUT "position" integer, OUT booking_id bigint,
  OUT user_id bigint, OUT event_id bigint, OUT seats integer, OUT status text,
  OUT created_at timestamptz)
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT asked.ordinality::integer, b.id, b.user_id, b.event_id, b.seats, b.status, b.created_at
  FROM ROWS FROM (unnest(user_ids), unnest(idempotency_keys)) WITH ORDINALITY
    AS asked (user_id, idempotency_key, ordinality)
  JOIN evently.bookings b
    ON b.user_id = asked.user_id AND b.idempotency_key = asked.idempotency_key COLLATE "C"
  ORDER BY asked.ordinality;
END;
COMMENT ON FUNCTION evently.bookings_by_key(bigint[], text[]) IS
  'The bookings behind pairs of user and idempotency key, with the pair''s position from 1; pairs without one give no row. Takes no lock: a refusal by a token is given only after it (a key beats a token).';

-- Internal: what PL/pgSQL shares with C++, so that each stands once.

CREATE FUNCTION evently.lock_event(event_id bigint) RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'evently_lock_event';
COMMENT ON FUNCTION evently.lock_event(bigint) IS
  'Internal. Takes the lock of an event until the transaction ends: a place in its queue (an advisory lock of class 3), then its row. False when there is no such event.';

CREATE FUNCTION evently.refuse(code text, detail text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_refuse';
COMMENT ON FUNCTION evently.refuse(text, text) IS
  'Internal. Raises the business error of that code, with its SQLSTATE, message and hint from the table in extension/rules/errors.h.';

CREATE FUNCTION evently.inventory_changed(event_id bigint) RETURNS void
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'evently_inventory_changed';
COMMENT ON FUNCTION evently.inventory_changed(bigint) IS
  'Internal. Tells the bridge, on commit, that this event''s inventory changed.';
-- What administrators and sign-up do. PL/pgSQL: none of it is on the hot path.

CREATE FUNCTION evently.create_user(email text, name text DEFAULT NULL)
RETURNS evently.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  address text := lower(btrim(create_user.email) COLLATE "C");
  label text := nullif(btrim(create_user.name), '');
  created evently.users;
BEGIN
  IF evently.is_email(address) IS NOT TRUE THEN
    PERFORM evently.refuse('invalid-request', 'The e-mail address must have the form name@domain, at most 254 bytes.');
  ELSIF NOT evently.is_label(label) THEN
    PERFORM evently.refuse('invalid-request', 'The name must have 1 to 200 bytes and no control characters.');
  END IF;

  -- DO NOTHING, not an exception block: that would be a subtransaction.
  INSERT INTO evently.users AS u (email, name) VALUES (address, label)
  ON CONFLICT ON CONSTRAINT users_email_key DO NOTHING
  RETURNING u.* INTO created;
  IF created.id IS NULL THEN
    PERFORM evently.refuse('email-taken');
  END IF;
  RETURN created;
END
$$;
COMMENT ON FUNCTION evently.create_user(text, text) IS
  'Creates a user and returns the row. The address is trimmed and put in lower case. Errors: 22023 invalid-request, TK102 email-taken.';

CREATE FUNCTION evently.check_event(name text, venue text, start_at timestamptz, capacity integer)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL SAFE
AS $$
BEGIN
  IF NOT evently.is_label(check_event.name) THEN
    PERFORM evently.refuse('invalid-request', 'The name must have 1 to 200 bytes and no control characters.');
  ELSIF NOT evently.is_label(check_event.venue) THEN
    PERFORM evently.refuse('invalid-request', 'The venue must have 1 to 200 bytes and no control characters.');
  ELSIF NOT evently.is_start(check_event.start_at) THEN
    PERFORM evently.refuse('invalid-request', 'The start must lie in the years 1970 to 9999.');
  ELSIF NOT check_event.capacity BETWEEN 0 AND 1000000 THEN
    PERFORM evently.refuse('invalid-request', 'The capacity must be from 0 to 1000000 seats.');
  END IF;
END
$$;
COMMENT ON FUNCTION evently.check_event(text, text, timestamptz, integer) IS
  'Internal. Raises 22023 for the first field of an event that breaks a rule of its table; NULL passes.';

CREATE FUNCTION evently.create_event(
  name text, start_at timestamptz, capacity integer, venue text DEFAULT NULL)
RETURNS evently.events
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text := btrim(create_event.name);
  place text := nullif(btrim(create_event.venue), '');
  created evently.events;
BEGIN
  IF label IS NULL OR create_event.start_at IS NULL OR create_event.capacity IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'An event needs a name, a start and a capacity.');
  END IF;
  PERFORM evently.check_event(label, place, create_event.start_at, create_event.capacity);

  INSERT INTO evently.events AS e (name, venue, start_at, capacity, seats_available)
  VALUES (label, place, create_event.start_at, create_event.capacity, create_event.capacity)
  RETURNING e.* INTO created;
  PERFORM evently.inventory_changed(created.id);
  RETURN created;
END
$$;
COMMENT ON FUNCTION evently.create_event(text, timestamptz, integer, text) IS
  'Creates an event with all its seats (capacity 0 to 1,000,000) available and returns the row. Errors: 22023 invalid-request.';

CREATE FUNCTION evently.update_event(
  event_id bigint, name text DEFAULT NULL, venue text DEFAULT NULL,
  start_at timestamptz DEFAULT NULL, capacity integer DEFAULT NULL,
  expected_details_version bigint DEFAULT NULL)
RETURNS evently.events
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text := btrim(update_event.name);
  place text := btrim(update_event.venue);
  found_version bigint;
  changed evently.events;
BEGIN
  IF update_event.event_id IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'The event_id must not be null.');
  END IF;
  PERFORM evently.check_event(label, nullif(place, ''), update_event.start_at, update_event.capacity);

  IF evently.lock_event(update_event.event_id) IS NOT TRUE THEN
    PERFORM evently.refuse('event-not-found', format('There is no event %s.', update_event.event_id));
  END IF;
  SELECT e.details_version INTO found_version FROM evently.events e WHERE e.id = update_event.event_id;
  IF found_version <> update_event.expected_details_version THEN
    PERFORM evently.refuse('details-changed',
      format('Expected details version %s, found %s.', update_event.expected_details_version, found_version));
  END IF;

  IF update_event.capacity IS NOT NULL THEN
    PERFORM evently.set_capacity(update_event.event_id, update_event.capacity);
  END IF;
  UPDATE evently.events e
  SET name = coalesce(label, e.name),
      venue = CASE WHEN place IS NULL THEN e.venue ELSE nullif(place, '') END,
      start_at = coalesce(update_event.start_at, e.start_at),
      details_version = found_version + 1,
      updated_at = clock_timestamp()
  WHERE e.id = update_event.event_id
  RETURNING e.* INTO changed;
  -- A new start changes until when tokens count.
  PERFORM evently.inventory_changed(changed.id);
  RETURN changed;
END
$$;
COMMENT ON FUNCTION evently.update_event(bigint, text, text, timestamptz, integer, bigint) IS
  'Changes what is given of an event and returns the row; NULL leaves a field as it is, venue '''' clears it. expected_details_version, when given, must be the present one. Errors: 22023 invalid-request, TK001 event-not-found, TK106 details-changed, TK105 capacity-below-booked.';

CREATE FUNCTION evently.delete_event(event_id bigint)
RETURNS evently.events
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deleted evently.events;
BEGIN
  IF delete_event.event_id IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'The event_id must not be null.');
  END IF;
  PERFORM evently.lock_event(delete_event.event_id);
  DELETE FROM evently.events e WHERE e.id = delete_event.event_id RETURNING e.* INTO deleted;
  IF NOT FOUND THEN
    PERFORM evently.refuse('event-not-found', format('There is no event %s.', delete_event.event_id));
  END IF;
  PERFORM evently.inventory_changed(deleted.id);
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION evently.delete_event(bigint) IS
  'Deletes an event with its bookings and returns the row as it was. Errors: 22023 invalid-request, TK001 event-not-found.';

CREATE FUNCTION evently.delete_user(user_id bigint)
RETURNS evently.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deleted evently.users;
BEGIN
  IF delete_user.user_id IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'The user_id must not be null.');
  END IF;
  -- Events first, ascending, as every writer locks them; the bookings' trigger refunds the seats.
  -- Rows only, without their queues: a user may have booked more events than there are lock entries.
  PERFORM FROM evently.events e
  WHERE e.id IN (SELECT b.event_id FROM evently.bookings b
                 WHERE b.user_id = delete_user.user_id AND evently.is_live(b.status))
  ORDER BY e.id FOR NO KEY UPDATE;

  DELETE FROM evently.users u WHERE u.id = delete_user.user_id RETURNING u.* INTO deleted;
  IF NOT FOUND THEN
    PERFORM evently.refuse('user-not-found', format('There is no user %s.', delete_user.user_id));
  END IF;
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION evently.delete_user(bigint) IS
  'Deletes a user with all bookings, gives live seats back and returns the row as it was. Errors: 22023 invalid-request, TK002 user-not-found.';

-- Also for rows that the owner deletes himself, and for the cascade of a deleted user or event:
-- seats come back to events that still stand, locked in ascending order.
CREATE FUNCTION evently.refund_deleted_bookings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  freed record;
BEGIN
  FOR freed IN
    SELECT gone.event_id, sum(gone.seats) AS seats
    FROM gone WHERE evently.is_live(gone.status)
    GROUP BY gone.event_id ORDER BY gone.event_id
  LOOP
    UPDATE evently.events e
    SET seats_available = e.seats_available + freed.seats, version = e.version + 1,
        updated_at = clock_timestamp()
    WHERE e.id = freed.event_id;
    IF FOUND THEN
      PERFORM evently.inventory_changed(freed.event_id);
    END IF;
  END LOOP;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION evently.refund_deleted_bookings() IS
  'Internal. Gives the seats of deleted live bookings back to events that still stand.';
CREATE TRIGGER refund_deleted_bookings AFTER DELETE ON evently.bookings
  REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION evently.refund_deleted_bookings();
COMMENT ON TRIGGER refund_deleted_bookings ON evently.bookings IS 'Keeps invariant I1 when rows go.';

CREATE FUNCTION evently.refund_truncated_bookings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM evently.inventory_changed(changed.id)
  FROM (
    SELECT e.id FROM evently.events e WHERE e.seats_available <> e.capacity
    ORDER BY e.id FOR NO KEY UPDATE
  ) changed;
  UPDATE evently.events e
  SET seats_available = e.capacity, version = e.version + 1, updated_at = clock_timestamp()
  WHERE e.seats_available <> e.capacity;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION evently.refund_truncated_bookings() IS
  'Internal. Gives all seats back after TRUNCATE of bookings.';
CREATE TRIGGER refund_truncated_bookings AFTER TRUNCATE ON evently.bookings
  FOR EACH STATEMENT EXECUTE FUNCTION evently.refund_truncated_bookings();
COMMENT ON TRIGGER refund_truncated_bookings ON evently.bookings IS 'Keeps invariant I1 when rows go.';
-- What may be read. Views belong to evently_owner, so a reader needs no right on a table.

CREATE VIEW evently.event_list AS
SELECT id, name, venue, start_at, capacity, seats_available, version, details_version, created_at,
       updated_at
FROM evently.events;
COMMENT ON VIEW evently.event_list IS 'Events, one row each.';

CREATE VIEW evently.booking_list AS
SELECT id, user_id, event_id, seats, status, created_at, updated_at FROM evently.bookings;
COMMENT ON VIEW evently.booking_list IS 'Bookings without their idempotency keys, one row each.';

CREATE VIEW evently.user_list AS SELECT id, name, created_at FROM evently.users;
COMMENT ON VIEW evently.user_list IS 'Users without their e-mail addresses, one row each.';

CREATE VIEW evently.user_accounts AS SELECT id, email, name, created_at FROM evently.users;
COMMENT ON VIEW evently.user_accounts IS 'Users with their e-mail addresses: for evently_admin.';

CREATE VIEW evently.booking_accounts AS
SELECT b.event_id, b.id AS booking_id, b.user_id, u.email AS user_email, u.name AS user_name,
       b.seats, b.status, b.created_at
FROM evently.bookings b JOIN evently.users u ON u.id = b.user_id;
COMMENT ON VIEW evently.booking_accounts IS
  'Bookings with who booked, e-mail addresses included: for evently_admin.';

CREATE VIEW evently.repair_list AS
SELECT id, event_id, capacity, seats_before, seats_after, repaired_by, repaired_at
FROM evently.repairs;
COMMENT ON VIEW evently.repair_list IS 'What reconcile changed, one row a repair: for evently_admin.';

-- A year at most, because Redis refuses expiries that overflow.
-- A clock that is not VOLATILE lets the planner read pages in the order of the primary key.
CREATE VIEW evently.inventory AS
SELECT id, version, seats_available,
       least(ceil(extract(epoch FROM start_at - statement_timestamp()) * 1000), 31536000000)::bigint
         AS ms_until_start
FROM evently.events WHERE start_at > statement_timestamp();
COMMENT ON VIEW evently.inventory IS
  'What the bridge copies into Redis: events that have not started, with the milliseconds until they do (at most a year).';

-- Not SECURITY DEFINER and without SET, so that the planner inlines them and pushes conditions,
-- ORDER BY and LIMIT of the caller down to the indexes; BEGIN ATOMIC fixes every name at creation.
CREATE FUNCTION evently.user_bookings(user_id bigint)
RETURNS TABLE (id bigint, event_id bigint, seats integer, status text, created_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT b.id, b.event_id, b.seats, b.status, b.created_at
  FROM evently.booking_list b WHERE b.user_id = user_bookings.user_id;
END;
COMMENT ON FUNCTION evently.user_bookings(bigint) IS
  'A user''s bookings, in no order; none for an unknown user. ORDER BY id and LIMIT outside are pushed into it.';

CREATE FUNCTION evently.event_bookings(event_id bigint)
RETURNS TABLE (booking_id bigint, user_id bigint, user_email text, user_name text, seats integer,
               status text, created_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT b.booking_id, b.user_id, b.user_email, b.user_name, b.seats, b.status, b.created_at
  FROM evently.booking_accounts b WHERE b.event_id = event_bookings.event_id;
END;
COMMENT ON FUNCTION evently.event_bookings(bigint) IS
  'An event''s bookings with who booked, in no order; none for an unknown event. ORDER BY booking_id and LIMIT outside are pushed into it. For evently_admin.';

CREATE FUNCTION evently.analytics()
RETURNS TABLE (event_id bigint, name text, total_confirmed_bookings bigint, confirmed_seats bigint,
               capacity integer, seats_available integer, capacity_utilization_pct numeric)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT e.id, e.name, coalesce(sold.bookings, 0), coalesce(sold.seats, 0), e.capacity,
         e.seats_available, coalesce(round(100.0 * sold.seats / nullif(e.capacity, 0), 2), 0)
  FROM evently.events e
  LEFT JOIN (
    SELECT b.event_id, count(*) AS bookings, sum(b.seats) AS seats
    FROM evently.bookings b WHERE evently.is_live(b.status) GROUP BY b.event_id
  ) sold ON sold.event_id = e.id
  ORDER BY e.id;
END;
COMMENT ON FUNCTION evently.analytics() IS
  'One row an event: confirmed bookings, their seats, capacity, seats left, and the share sold in per cent.';
-- What a DBA asks at three in the morning.

-- One statement, so one snapshot: a booking in flight is seen whole or not at all.
CREATE FUNCTION evently.verify(event_id bigint DEFAULT NULL)
RETURNS TABLE (invariant text, event_id bigint, booking_id bigint, detail text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'I1 counter equals bookings', e.id, NULL::bigint,
         format('capacity %s less %s available is %s, but live bookings hold %s seats',
                e.capacity, e.seats_available, e.capacity - e.seats_available,
                coalesce(sold.seats, 0))
  FROM evently.events e
  LEFT JOIN (
    SELECT b.event_id, sum(b.seats) AS seats FROM evently.bookings b
    WHERE evently.is_live(b.status) AND ($1 IS NULL OR b.event_id = $1) GROUP BY b.event_id
  ) sold ON sold.event_id = e.id
  WHERE ($1 IS NULL OR e.id = $1) AND e.capacity - e.seats_available <> coalesce(sold.seats, 0)
UNION ALL
  SELECT 'I1 seats within capacity', e.id, NULL,
         format('%s of %s seats available', e.seats_available, e.capacity)
  FROM evently.events e
  WHERE ($1 IS NULL OR e.id = $1) AND e.seats_available NOT BETWEEN 0 AND e.capacity
UNION ALL
  SELECT 'I3 one key, one booking', twice.event_id, twice.id,
         format('user %s has %s bookings with the key of this one', twice.user_id, twice.times)
  FROM (
    SELECT b.event_id, b.id, b.user_id,
           count(*) OVER (PARTITION BY b.user_id, b.idempotency_key COLLATE "C") AS times
    FROM evently.bookings b
    WHERE b.idempotency_key IS NOT NULL
      AND ($1 IS NULL OR b.user_id IN (SELECT o.user_id FROM evently.bookings o WHERE o.event_id = $1))
  ) twice
  WHERE twice.times > 1 AND ($1 IS NULL OR twice.event_id = $1)
UNION ALL
  SELECT 'a booking has its event and user', b.event_id, b.id,
         format('user %s or event %s does not exist', b.user_id, b.event_id)
  FROM evently.bookings b
  WHERE ($1 IS NULL OR b.event_id = $1)
    AND (NOT EXISTS (SELECT FROM evently.users u WHERE u.id = b.user_id)
         OR NOT EXISTS (SELECT FROM evently.events e WHERE e.id = b.event_id))
$$;
COMMENT ON FUNCTION evently.verify(bigint) IS
  'One row a violated invariant, with the ids; none when all is well. Of one event, or of all when NULL. Takes no lock that a booking waits for: safe on a live system.';

-- The counter follows the bookings, never the other way round: no booking is made, changed or lost.
CREATE FUNCTION evently.reconcile(
  event_id bigint, OUT changed boolean, OUT capacity integer, OUT seats_before integer,
  OUT seats_after integer, OUT violations_left bigint)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  live_seats bigint;
BEGIN
  IF reconcile.event_id IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'The event_id must not be null.');
  END IF;
  IF evently.lock_event(reconcile.event_id) IS NOT TRUE THEN
    PERFORM evently.refuse('event-not-found', format('There is no event %s.', reconcile.event_id));
  END IF;

  SELECT e.capacity, e.seats_available INTO reconcile.capacity, reconcile.seats_before
  FROM evently.events e WHERE e.id = reconcile.event_id;
  SELECT coalesce(sum(b.seats), 0) INTO live_seats
  FROM evently.bookings b WHERE b.event_id = reconcile.event_id AND evently.is_live(b.status);
  IF live_seats > reconcile.capacity THEN
    PERFORM evently.refuse('capacity-below-booked',
      format('Event %s has %s seats booked, %s more than the capacity of %s.', reconcile.event_id,
             live_seats, live_seats - reconcile.capacity, reconcile.capacity));
  END IF;

  reconcile.seats_after := reconcile.capacity - live_seats;
  reconcile.changed := reconcile.seats_after <> reconcile.seats_before;
  IF reconcile.changed THEN
    UPDATE evently.events e
    SET seats_available = reconcile.seats_after, version = e.version + 1,
        updated_at = clock_timestamp()
    WHERE e.id = reconcile.event_id;
    INSERT INTO evently.repairs (event_id, capacity, seats_before, seats_after)
    VALUES (reconcile.event_id, reconcile.capacity, reconcile.seats_before, reconcile.seats_after);
    PERFORM evently.inventory_changed(reconcile.event_id);
  END IF;
  SELECT count(*) INTO reconcile.violations_left FROM evently.verify(reconcile.event_id);
END
$$;
COMMENT ON FUNCTION evently.reconcile(bigint) IS
  'Sets an event''s seats_available to its capacity less the seats of its live bookings, under the event''s lock, and records that in repairs. Returns whether that changed anything, the seats before and after, and how many rows verify() has left: bookings that share a key, or lack their user, are for people to decide about. An event with more seats booked than it has is refused: raise its capacity first, in the same transaction. Errors: 22023 invalid-request, TK001 event-not-found, TK105 capacity-below-booked.';

CREATE FUNCTION evently.epoch() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s-%s-%s-%s-%s',
    (SELECT system_identifier FROM pg_control_system()),
    (SELECT timeline_id FROM pg_control_checkpoint()),
    (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
    (SELECT oid FROM pg_database WHERE datname = current_database()),
    pg_relation_filenode('evently.events'))
$$;
COMMENT ON FUNCTION evently.epoch() IS
  'Names the life of this database within which versions only grow: server, timeline, start, database and storage of events. It changes with a restart, a failover, a restore or a TRUNCATE; copies of the inventory made under another epoch are void.';

CREATE FUNCTION evently.module_version() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_module_version';
COMMENT ON FUNCTION evently.module_version() IS 'Version of the loaded C++ module.';

CREATE FUNCTION evently.notifier_state() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_notifier_state';
COMMENT ON FUNCTION evently.notifier_state() IS
  'Internal. Who sends the notifications of this database, in words.';

CREATE FUNCTION evently.statistics(
  OUT booked bigint, OUT replayed bigint, OUT refused bigint, OUT cancelled bigint,
  OUT batches bigint, OUT batch_items bigint, OUT groups bigint, OUT group_members bigint,
  OUT notifications bigint, OUT resyncs bigint, OUT notifier_pid integer)
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_statistics';
COMMENT ON FUNCTION evently.statistics() IS
  'What pg_stat_evently shows, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE VIEW evently.pg_stat_evently AS
SELECT booked, replayed, refused, cancelled, batches, batch_items,
       round(batch_items::numeric / nullif(batches, 0), 1) AS mean_batch,
       groups, group_members, round(group_members::numeric / nullif(groups, 0), 1) AS mean_group,
       notifications, resyncs, notifier_pid
FROM evently.statistics();
COMMENT ON VIEW evently.pg_stat_evently IS
  'One row: what happened in this database since the server started. Reading it raises 55000 unless shared_preload_libraries names evently.';
COMMENT ON COLUMN evently.pg_stat_evently.booked IS 'Bookings made and committed.';
COMMENT ON COLUMN evently.pg_stat_evently.replayed IS 'Calls and items whose idempotency key was seen before.';
COMMENT ON COLUMN evently.pg_stat_evently.refused IS 'Calls and items of book, book_outcome and book_many that were refused.';
COMMENT ON COLUMN evently.pg_stat_evently.cancelled IS 'Bookings cancelled and committed.';
COMMENT ON COLUMN evently.pg_stat_evently.batches IS 'Calls of book_many.';
COMMENT ON COLUMN evently.pg_stat_evently.batch_items IS 'Items in these batches.';
COMMENT ON COLUMN evently.pg_stat_evently.mean_batch IS 'Items a batch; NULL before the first.';
COMMENT ON COLUMN evently.pg_stat_evently.groups IS 'Commits of book_and_commit by a leader, for himself alone or for others too.';
COMMENT ON COLUMN evently.pg_stat_evently.group_members IS 'Calls of book_and_commit that these commits were for.';
COMMENT ON COLUMN evently.pg_stat_evently.mean_group IS 'Members a group; NULL before the first.';
COMMENT ON COLUMN evently.pg_stat_evently.notifications IS 'Notifications sent by the notifier.';
COMMENT ON COLUMN evently.pg_stat_evently.resyncs IS 'How many of them asked listeners to read all events again: after a start, a failure or an overflow.';
COMMENT ON COLUMN evently.pg_stat_evently.notifier_pid IS 'Process of the notifier; NULL while there is none, which is so when nothing changes.';

CREATE FUNCTION evently.group_requests(
  OUT pid integer, OUT event_id bigint, OUT part text, OUT since timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_group_requests';
COMMENT ON FUNCTION evently.group_requests() IS
  'What pg_stat_evently_groups shows, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE VIEW evently.pg_stat_evently_groups AS
SELECT pid, event_id, part, since FROM evently.group_requests();
COMMENT ON VIEW evently.pg_stat_evently_groups IS
  'One row a session of this database that is in book_and_commit: who leads and who waits. Raises 55000 unless shared_preload_libraries names evently.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.pid IS 'Process, as in pg_stat_activity, where a follower waits for Extension.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.event_id IS 'What it books.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.part IS
  'Its part: leads (waits for the event''s lock, for all who wait behind it), waits (may still give up) or committing (is being booked, by its leader or as one).';
COMMENT ON COLUMN evently.pg_stat_evently_groups.since IS 'Since when.';

CREATE FUNCTION evently.status()
RETURNS TABLE (version text, module_version text, worker text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (SELECT extversion FROM pg_extension WHERE extname = 'evently'),
         evently.module_version(),
         evently.notifier_state()
$$;
COMMENT ON FUNCTION evently.status() IS
  'One row: version of the schema, version of the loaded module (differs until ALTER EXTENSION evently UPDATE), who sends notifications (worker).';

-- Idempotent: what is there stays, and demo events that began are moved into the future again.
CREATE FUNCTION evently.seed_demo_data()
RETURNS TABLE (users bigint, events bigint, bookings bigint)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  demo record;
  demo_event_id bigint;
  demo_user_id bigint;
BEGIN
  -- Two at once would find no demo event each, and make it twice.
  PERFORM pg_advisory_xact_lock(hashtextextended('evently.seed_demo_data', 0));

  INSERT INTO evently.users (email, name)
  SELECT format('demo%s@example.com', n), format('Demo %s', n) FROM generate_series(1, 3) n
  ON CONFLICT ON CONSTRAINT users_email_key DO NOTHING;
  SELECT u.id INTO demo_user_id FROM evently.users u WHERE u.email = 'demo1@example.com';

  FOR demo IN
    SELECT * FROM (VALUES ('Demo concert', 'Demo hall', 30, 500), ('Demo lecture', 'Demo room', 45, 40),
                          ('Demo workshop', NULL, 60, 10)) AS v (name, venue, days, capacity)
  LOOP
    SELECT e.id INTO demo_event_id FROM evently.events e WHERE e.name = demo.name ORDER BY e.id LIMIT 1;
    IF NOT FOUND THEN
      SELECT made.id INTO demo_event_id
      FROM evently.create_event(demo.name, now() + make_interval(days => demo.days), demo.capacity,
                                demo.venue) made;
    ELSE
      PERFORM evently.update_event(e.id, start_at => now() + make_interval(days => demo.days))
      FROM evently.events e WHERE e.id = demo_event_id AND e.start_at <= clock_timestamp();
    END IF;
    IF demo.capacity > 10 THEN
      -- Not of an event that was shrunk or sold out since.
      PERFORM evently.book(demo_user_id, e.id, 2, 'demo-' || e.id)
      FROM evently.events e WHERE e.id = demo_event_id AND e.seats_available >= 2;
    END IF;
  END LOOP;

  RETURN QUERY SELECT (SELECT count(*) FROM evently.users), (SELECT count(*) FROM evently.events),
                      (SELECT count(*) FROM evently.bookings);
END
$$;
COMMENT ON FUNCTION evently.seed_demo_data() IS
  'Makes demo users, events and bookings where they are missing, and says how many rows there are now. Idempotent.';

CREATE FUNCTION evently.guard_drop() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'evently_guard_drop';
COMMENT ON FUNCTION evently.guard_drop() IS
  'Internal. Refuses what would drop the extension while there are bookings, unless evently.allow_drop is on.';
CREATE EVENT TRIGGER evently_guard_drop ON ddl_command_start
  WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED') EXECUTE FUNCTION evently.guard_drop();
-- Also where triggers are off, as while a dump is restored by several jobs.
ALTER EVENT TRIGGER evently_guard_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER evently_guard_drop IS
  'Refuses what would drop the extension while there are bookings, unless evently.allow_drop is on.';
-- Last: CREATE EXTENSION ran as a superuser, who must not be the one SECURITY DEFINER runs as.

DO $$
DECLARE
  object record;
BEGIN
  FOR object IN
    SELECT format('%s evently.%I', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, relname) AS name
    FROM pg_catalog.pg_class
    WHERE relnamespace = 'evently'::regnamespace AND relkind IN ('r', 'v')
    UNION ALL
    SELECT format('DOMAIN %s', oid::regtype)
    FROM pg_catalog.pg_type
    WHERE typnamespace = 'evently'::regnamespace AND typtype = 'd'
    UNION ALL
    SELECT format('ROUTINE %s', oid::regprocedure)
    FROM pg_catalog.pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND prorettype <> 'event_trigger'::regtype
  LOOP
    EXECUTE format('ALTER %s OWNER TO evently_owner', object.name);
  END LOOP;
END
$$;

REVOKE ALL ON ALL ROUTINES IN SCHEMA evently FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA evently FROM PUBLIC;
REVOKE ALL ON TYPE evently.label, evently.start_time FROM PUBLIC;
REVOKE ALL ON SCHEMA evently FROM PUBLIC;

GRANT USAGE ON SCHEMA evently TO evently_reader;

GRANT SELECT ON evently.event_list, evently.booking_list, evently.user_list, evently.inventory,
  evently.pg_stat_evently, evently.pg_stat_evently_groups TO evently_reader;
GRANT EXECUTE ON FUNCTION evently.user_bookings(bigint), evently.analytics(), evently.epoch(),
  evently.verify(bigint), evently.status(), evently.module_version(),
  evently.statistics(), evently.group_requests() TO evently_reader;

GRANT EXECUTE ON FUNCTION evently.book(bigint, bigint, integer, text),
  evently.book_outcome(bigint, bigint, integer, text),
  evently.book_many(bigint, bigint[], integer[], text[]), evently.cancel(bigint),
  evently.cancel_outcome(bigint), evently.bookings_by_key(bigint[], text[]),
  evently.create_user(text, text) TO evently_booker;
GRANT EXECUTE ON PROCEDURE evently.book_and_commit(
  bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer) TO evently_booker;

GRANT SELECT ON evently.user_accounts, evently.booking_accounts, evently.repair_list TO evently_admin;
GRANT EXECUTE ON FUNCTION evently.set_capacity(bigint, integer),
  evently.create_event(text, timestamptz, integer, text),
  evently.update_event(bigint, text, text, timestamptz, integer, bigint),
  evently.delete_event(bigint), evently.delete_user(bigint), evently.event_bookings(bigint),
  evently.seed_demo_data(), evently.reconcile(bigint) TO evently_admin;
