\ir prelude.psql
SELECT plan(86);

SELECT results_eq(
  $$SELECT relname::text COLLATE "default" FROM pg_class
    WHERE relnamespace = 'evently'::regnamespace AND relkind IN ('r', 'p', 'f', 'm')
    ORDER BY relname$$,
  $$VALUES ('bookings'), ('event_keys'), ('events'), ('repairs'), ('users')$$, 'five tables');

-- Columns: name, type, whether null is allowed, in their order.
CREATE FUNCTION pg_temp.columns_of(relation regclass) RETURNS SETOF text LANGUAGE sql AS $$
  SELECT format('%s %s%s', attname, format_type(atttypid, atttypmod), CASE
    WHEN attnotnull THEN ' not null' ELSE '' END)
  FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum
$$;
SELECT results_eq(
  $$SELECT pg_temp.columns_of('evently.users')$$,
  $$VALUES ('id bigint not null'), ('email text not null'), ('name text'),
           ('created_at timestamp with time zone not null'), ('idempotency_key text')$$, 'columns of users');
SELECT results_eq(
  $$SELECT pg_temp.columns_of('evently.events')$$,
  $$VALUES ('id bigint not null'), ('name evently.label not null'), ('venue evently.label'),
           ('start_at evently.start_time not null'), ('capacity integer not null'),
           ('seats_available integer not null'), ('version bigint not null'),
           ('details_version bigint not null'), ('created_at timestamp with time zone not null'),
           ('updated_at timestamp with time zone not null')$$, 'columns of events');
SELECT results_eq(
  $$SELECT pg_temp.columns_of('evently.bookings')$$,
  $$VALUES ('id bigint not null'), ('user_id bigint not null'), ('event_id bigint not null'),
           ('seats integer not null'), ('status text not null'), ('idempotency_key text'),
           ('created_at timestamp with time zone not null'),
           ('updated_at timestamp with time zone not null')$$, 'columns of bookings');

SELECT results_eq(
  $$SELECT pg_temp.columns_of('evently.event_keys')$$,
  $$VALUES ('key_owner text not null'), ('idempotency_key text not null'), ('event_id bigint not null'),
           ('request jsonb not null')$$, 'columns of event_keys');
SELECT results_eq(
  $$SELECT pg_temp.columns_of('evently.repairs')$$,
  $$VALUES ('id bigint not null'), ('event_id bigint not null'), ('capacity integer not null'),
           ('seats_before integer not null'), ('seats_after integer not null'),
           ('repaired_by text not null'), ('repaired_at timestamp with time zone not null')$$,
  'columns of repairs');

-- Ids come from sequences that nothing else uses.
SELECT is(pg_get_serial_sequence('evently.' || name, 'id'), format('evently.%s_id_seq', name),
          format('the ids of %s come from their own sequence', name))
FROM unnest(ARRAY['users', 'events', 'bookings', 'repairs']) AS name;
SELECT is((SELECT attidentity FROM pg_attribute WHERE attrelid = ('evently.' || name)::regclass
          AND attname = 'id'), 'a',
          format('ids of %s cannot be given by mistake', name))
FROM unnest(ARRAY['users', 'events', 'bookings', 'repairs']) AS name;
SELECT results_eq(format($$SELECT seqtypid::regtype::text, seqincrement, seqcycle FROM pg_sequence
                           WHERE seqrelid = 'evently.%s_id_seq'::regclass$$, name),
                  $$VALUES ('bigint', 1::bigint, false)$$,
                    format('the sequence of %s never comes round', name))
FROM unnest(ARRAY['users', 'events', 'bookings', 'repairs']) AS name;

-- Indexes: all of them, so that one more or one fewer is a decision.
SELECT results_eq(
  $$SELECT indexdef COLLATE "default" FROM pg_indexes WHERE schemaname = 'evently'
    ORDER BY indexname$$,
  $$VALUES ('CREATE INDEX bookings_event_id_id_idx ON evently.bookings USING btree (event_id, id)'),
           ('CREATE UNIQUE INDEX bookings_pkey ON evently.bookings USING btree (id)'),
           ('CREATE INDEX bookings_user_id_id_idx ON evently.bookings USING btree (user_id, id)'),
           ('CREATE UNIQUE INDEX bookings_user_id_idempotency_key_key ON evently.bookings USING btree (user_id, idempotency_key COLLATE "C") WHERE (idempotency_key IS NOT NULL)'),
           ('CREATE INDEX event_keys_event_id_idx ON evently.event_keys USING btree (event_id)'),
           ('CREATE UNIQUE INDEX event_keys_pkey ON evently.event_keys USING btree (key_owner, idempotency_key)'),
           ('CREATE UNIQUE INDEX events_pkey ON evently.events USING btree (id)'),
           ('CREATE INDEX events_start_at_id_idx ON evently.events USING btree (start_at, id)'),
           ('CREATE UNIQUE INDEX repairs_pkey ON evently.repairs USING btree (id)'),
           ('CREATE UNIQUE INDEX users_email_key ON evently.users USING btree (email)'),
           ('CREATE UNIQUE INDEX users_pkey ON evently.users USING btree (id)')$$, 'the indexes');
SELECT is_empty(
  $$SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
    AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = 'evently.events'::regclass
      AND a.attname IN ('seats_available', 'version', 'updated_at')$$,
  'no index on what a booking changes in its event: its updates stay HOT');
SELECT is_empty(
  $$SELECT i.indexrelid::regclass FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
    AND a.attnum = ANY (i.indkey)
    WHERE i.indrelid = 'evently.bookings'::regclass AND a.attname IN ('status', 'updated_at')$$,
  'no index on what a cancellation changes in its booking');

-- Storage.
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'evently.events'::regclass),
          ARRAY['fillfactor=20', 'autovacuum_vacuum_scale_factor=0',
            'autovacuum_vacuum_threshold=1000'],
          'events leave room for new versions on the page, and are vacuumed by the number of dead ones');
SELECT is((SELECT reloptions FROM pg_class WHERE oid = 'evently.bookings'::regclass),
          ARRAY['fillfactor=90'],
          'bookings leave room for their cancellation');
SELECT is((SELECT string_agg(relpersistence::text, '') FROM pg_class
           WHERE relnamespace = 'evently'::regnamespace AND relkind = 'r'), 'ppppp',
             'no table is unlogged');

-- Foreign keys.
SELECT results_eq(
  $$SELECT conname::text COLLATE "default", pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'evently'::regnamespace AND contype = 'f' ORDER BY conname$$,
  $$VALUES ('bookings_event_id_fkey',
    'FOREIGN KEY (event_id) REFERENCES evently.events(id) ON DELETE CASCADE'),
           ('bookings_user_id_fkey',
             'FOREIGN KEY (user_id) REFERENCES evently.users(id) ON DELETE CASCADE'),
           ('event_keys_event_id_fkey',
             'FOREIGN KEY (event_id) REFERENCES evently.events(id) ON DELETE CASCADE')$$,
  'a booking has its user and event, and goes with them');
SELECT is_empty(
  $$SELECT conname FROM pg_constraint WHERE connamespace = 'evently'::regnamespace
    AND NOT convalidated$$,
  'every constraint is validated');
SELECT results_eq(
  $$SELECT tgname::text COLLATE "default", tgrelid::regclass::text, tgenabled::text FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid IN ('evently.users'::regclass, 'evently.events'::regclass,
      'evently.bookings'::regclass)
    ORDER BY tgname$$,
  $$VALUES ('refund_deleted_bookings', 'evently.bookings', 'O'),
    ('refund_truncated_bookings', 'evently.bookings', 'O')$$,
  'two triggers, both of them refunds');

-- Constraints hold for every way of writing. Each row is valid but for one column.
CREATE FUNCTION pg_temp.violation(relation text, changes jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  good jsonb := CASE relation
    WHEN 'users' THEN '{"email": "new@pgtap.example", "name": "New"}'
    WHEN 'events' THEN '{"name": "E", "venue": "V", "start_at": "2030-01-01", "capacity": 10, "seats_available": 10}'
    WHEN 'event_keys' THEN '{"key_owner": "o", "idempotency_key": "new", "event_id": -10, "request": {}}'
    WHEN 'bookings' THEN '{"user_id": -1, "event_id": -10, "seats": 1, "status": "CONFIRMED", "idempotency_key": "k"}'
  END::jsonb || changes;
  violated text;
  column_name text;
BEGIN
  EXECUTE format('INSERT INTO evently.%I (%s) SELECT %s FROM jsonb_populate_record(NULL::evently.%1$I, $1)', relation,
                 (SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(good) key),
                 (SELECT string_agg(quote_ident(key), ', ') FROM jsonb_object_keys(good) key))
                   USING good;
  RETURN 'none';
EXCEPTION WHEN integrity_constraint_violation THEN
  GET STACKED DIAGNOSTICS violated = CONSTRAINT_NAME, column_name = COLUMN_NAME;
  RETURN coalesce(nullif(violated, ''), 'not null ' || column_name);
END
$$;
INSERT INTO evently.event_keys VALUES ('o', 'taken', -10, '{}');
SELECT is(pg_temp.violation(relation, changes::jsonb), violated,
          format('%s of %s: %s', what, relation, violated))
FROM (VALUES
  ('users', '{}', 'none', 'a row as it should be'),
  ('users', '{"email": null}', 'not null email', 'no address'),
  ('users', '{"email": "ann@pgtap.example"}', 'users_email_key', 'an address twice'),
  ('users', '{"email": "New@pgtap.example"}', 'users_email_check', 'an address not in lower case'),
  ('users', '{"email": " new@pgtap.example"}', 'users_email_check', 'an address not trimmed'),
  ('users', '{"email": "new"}', 'users_email_check', 'an address without @'),
  ('users', '{"email": "new2@pgtap.example", "name": null}', 'none', 'no name'),
  ('users', '{"name": ""}', 'users_name_check', 'an empty name'),
  ('users', '{"name": " New"}', 'users_name_check', 'a name not trimmed'),
  ('users', '{"name": "\u200bNew"}', 'users_name_check', 'a name that begins with nothing to see'),
  ('users', '{"email": "new@bücher.example"}', 'users_email_check', 'a domain that is no A-label'),
  ('users', '{"idempotency_key": ""}', 'users_idempotency_key_check', 'an empty key'),
  ('event_keys', '{}', 'none', 'a row as it should be'),
  ('event_keys', '{"key_owner": ""}', 'event_keys_key_owner_check', 'no owner'),
  ('event_keys', '{"idempotency_key": ""}', 'event_keys_idempotency_key_check', 'an empty key'),
  ('event_keys', '{"event_id": -99, "key_owner": "p"}', 'event_keys_event_id_fkey', 'an unknown event'),
  ('event_keys', '{"idempotency_key": "taken"}', 'event_keys_pkey', 'a key twice'),
  ('users', '{"name": "two\nlines"}', 'users_name_check', 'a name of two lines'),
  ('events', '{}', 'none', 'a row as it should be'),
  ('events', '{"name": null}', 'not null name', 'no name'),
  ('events', '{"name": ""}', 'label_check', 'an empty name'),
  ('events', '{"venue": null}', 'none', 'no venue'),
  ('events', '{"venue": "V "}', 'label_check', 'a venue not trimmed'),
  ('events', '{"start_at": null}', 'not null start_at', 'no start'),
  ('events', '{"start_at": "infinity"}', 'start_time_check', 'an endless start'),
  ('events', '{"start_at": "1969-12-31 23:59:59+00"}', 'start_time_check',
    'a start before 1970'),
  ('events', '{"start_at": "10000-01-01 00:00:00+00"}', 'start_time_check',
    'a start after 9999'),
  ('events', '{"capacity": null}', 'not null capacity', 'no capacity'),
  ('events', '{"capacity": -1, "seats_available": -1}', 'events_capacity_check',
    'a negative capacity'),
  ('events', '{"capacity": 0, "seats_available": 0}', 'none', 'a capacity of 0'),
  ('events', '{"capacity": 1000000}', 'none', 'a capacity of 1,000,000'),
  ('events', '{"capacity": 1000001}', 'events_capacity_check', 'a capacity of 1,000,001'),
  ('events', '{"seats_available": null}', 'not null seats_available', 'no seats'),
  ('events', '{"seats_available": -1}', 'events_seats_available_check', 'negative seats'),
  ('events', '{"seats_available": 0}', 'none', 'no seat available'),
  ('events', '{"seats_available": 11}', 'events_seats_available_check', 'more seats than capacity'),
  ('bookings', '{}', 'none', 'a row as it should be'),
  ('bookings', '{"user_id": null}', 'not null user_id', 'no user'),
  ('bookings', '{"user_id": -99}', 'bookings_user_id_fkey', 'an unknown user'),
  ('bookings', '{"event_id": null}', 'not null event_id', 'no event'),
  ('bookings', '{"event_id": -99, "idempotency_key": "b4"}', 'bookings_event_id_fkey',
    'an unknown event'),
  ('bookings', '{"seats": null}', 'not null seats', 'no seats'),
  ('bookings', '{"seats": 0, "idempotency_key": "b0"}', 'bookings_seats_check', 'seats of 0'),
  ('bookings', '{"seats": 1000000, "idempotency_key": "b1"}', 'none', 'seats of 1,000,000'),
  ('bookings', '{"seats": 1000001, "idempotency_key": "b2"}', 'bookings_seats_check',
    'seats of 1,000,001'),
  ('bookings', '{"status": null}', 'not null status', 'no status'),
  ('bookings', '{"status": "CANCELLED", "idempotency_key": "b3"}', 'none', 'a cancelled booking'),
  ('bookings', '{"status": "confirmed"}', 'bookings_status_check', 'an unknown status'),
  ('bookings', '{"idempotency_key": null}', 'none', 'no key'),
  ('bookings', '{"idempotency_key": ""}', 'bookings_idempotency_key_check', 'an empty key'),
  ('bookings', '{"idempotency_key": "k"}', 'bookings_user_id_idempotency_key_key', 'a key twice'),
  ('bookings', '{"idempotency_key": "k", "user_id": -2}', 'none', 'a key of another user')
) AS tried (relation, changes, violated, what);
SELECT is(pg_temp.violation('bookings', jsonb_build_object('idempotency_key', repeat('k', bytes))),
          violated,
          format('a key of %s bytes: %s', bytes, violated))
FROM (VALUES (255, 'none'), (256, 'bookings_idempotency_key_check')) AS tried (bytes, violated);
SELECT is(pg_temp.violation('users', jsonb_build_object('email', repeat('a', bytes - 14)
          || '@pgtap.example')), violated,
          format('an address of %s bytes: %s', bytes, violated))
FROM (VALUES (254, 'none'), (255, 'users_email_check')) AS tried (bytes, violated);
SELECT is(pg_temp.violation('events', jsonb_build_object('venue', repeat(chr(2325), bytes))), violated,
          format('a venue of %s characters: %s', bytes, violated))
FROM (VALUES (200, 'none'), (201, 'label_check')) AS tried (bytes, violated);

-- Defaults.
INSERT INTO evently.events (name, start_at, capacity, seats_available)
VALUES ('Defaults', now(), 1, 1) RETURNING id AS event \gset
SELECT ok(version = 1 AND details_version = 1 AND created_at BETWEEN now() AND clock_timestamp()
          AND updated_at >= created_at,
          'versions begin at 1, times at the clock')
FROM evently.events WHERE id = :event;

SELECT * FROM finish();
ROLLBACK;
