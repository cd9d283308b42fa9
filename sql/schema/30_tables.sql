CREATE TABLE evently.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL CONSTRAINT users_email_key UNIQUE
    CONSTRAINT users_email_check CHECK (evently.is_email(email)),
  name text CONSTRAINT users_name_check CHECK (evently.is_label(name)),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  idempotency_key text CONSTRAINT users_idempotency_key_check
    CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255)
);

-- Domains, because PostgreSQL prepares every CHECK of a table again for each UPDATE: as constraints of
-- events these checks took a quarter of a booking's time. A domain is checked only when its own column
-- is written.
CREATE DOMAIN evently.label AS text CONSTRAINT label_check CHECK (evently.is_label(VALUE));
CREATE DOMAIN evently.start_time AS timestamptz
  CONSTRAINT start_time_check CHECK (evently.is_start(VALUE));

-- A booking updates one row of events in place: the fillfactor leaves room for HOT updates, and
-- autovacuum starts at a number of dead rows rather than at a share of a table that stays small.
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
-- COLLATE "C": keys are compared as bytes, which is faster than by a locale.
CREATE UNIQUE INDEX bookings_user_id_idempotency_key_key
  ON evently.bookings (user_id, idempotency_key COLLATE "C") WHERE idempotency_key IS NOT NULL;
CREATE INDEX bookings_user_id_id_idx ON evently.bookings (user_id, id);
CREATE INDEX bookings_event_id_id_idx ON evently.bookings (event_id, id);

-- No foreign key: a repair stays on record after its event is deleted.
CREATE TABLE evently.repairs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id bigint NOT NULL,
  capacity integer NOT NULL,
  seats_before integer NOT NULL,
  seats_after integer NOT NULL,
  repaired_by text NOT NULL DEFAULT session_user,
  repaired_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- pg_dump dumps the rows of an extension's table only when it is registered; sequences are registered
-- separately.
SELECT pg_catalog.pg_extension_config_dump('evently.users', '');
SELECT pg_catalog.pg_extension_config_dump('evently.events', '');
SELECT pg_catalog.pg_extension_config_dump('evently.bookings', '');
SELECT pg_catalog.pg_extension_config_dump('evently.users_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('evently.events_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('evently.bookings_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('evently.repairs', '');
SELECT pg_catalog.pg_extension_config_dump('evently.repairs_id_seq', '');
