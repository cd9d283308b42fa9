-- Functions for administrators and for sign-up. PL/pgSQL, because no booking passes through them.

CREATE OR REPLACE FUNCTION evently.check_idempotency_key(idempotency_key text) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL SAFE
AS $$
BEGIN
  IF octet_length(check_idempotency_key.idempotency_key) NOT BETWEEN 1 AND 255 THEN
    PERFORM evently.refuse('invalid-request', 'The idempotency_key must have 1 to 255 bytes.');
  END IF;
END
$$;
COMMENT ON FUNCTION evently.check_idempotency_key(text) IS
  'Internal. Raises 22023 for a key that has not 1 to 255 bytes; NULL passes.';

CREATE OR REPLACE FUNCTION evently.create_user_once(
  email text, name text, idempotency_key text, OUT created evently.users, OUT replayed boolean)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  address text := evently.stored_email(btrim(create_user_once.email));
  label text := nullif(btrim(create_user_once.name), '');
BEGIN
  IF address IS NULL THEN
    PERFORM evently.refuse('invalid-request',
      'The e-mail address must have the form name@domain, at most 254 characters, all of which show.');
  ELSIF NOT evently.is_label(label) THEN
    PERFORM evently.refuse('invalid-request', 'The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.');
  END IF;
  PERFORM evently.check_idempotency_key(create_user_once.idempotency_key);

  -- DO NOTHING, not an exception block: that would be a subtransaction.
  INSERT INTO evently.users AS u (email, name, idempotency_key)
  VALUES (address, label, create_user_once.idempotency_key)
  ON CONFLICT ON CONSTRAINT users_email_key DO NOTHING
  RETURNING u.* INTO created;
  replayed := created.id IS NULL;
  IF NOT replayed THEN
    RETURN;
  END IF;

  SELECT u.* INTO created FROM evently.users u
  WHERE u.email = address AND u.idempotency_key = create_user_once.idempotency_key;
  IF created.id IS NULL THEN
    PERFORM evently.refuse('email-taken');
  ELSIF created.name IS DISTINCT FROM label THEN
    PERFORM evently.refuse('idempotency-key-reused');
  END IF;
END
$$;
COMMENT ON FUNCTION evently.create_user_once(text, text, text) IS
  'Does what create_user does, and says whether the user is one whom the same key had created before.';

CREATE OR REPLACE FUNCTION evently.create_user(
  email text, name text DEFAULT NULL, idempotency_key text DEFAULT NULL)
RETURNS evently.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT once.created FROM evently.create_user_once(
    create_user.email, create_user.name, create_user.idempotency_key) once);
END
$$;
COMMENT ON FUNCTION evently.create_user(text, text, text) IS
  'Creates a user and returns the row. Blanks around address and name are dropped; the address is stored as stored_email writes it. An address again with the same idempotency_key (1 to 255 bytes) and name returns the user who is there. Errors: 22023 invalid-request, TK102 email-taken, TK104 idempotency-key-reused.';

CREATE OR REPLACE FUNCTION evently.check_event(name text, venue text, start_at timestamptz, capacity integer)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL SAFE
AS $$
BEGIN
  IF NOT evently.is_label(check_event.name) THEN
    PERFORM evently.refuse('invalid-request', 'The name must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.');
  ELSIF NOT evently.is_label(check_event.venue) THEN
    PERFORM evently.refuse('invalid-request', 'The venue must have 1 to 200 characters, no control characters, and no white space or format characters at an edge.');
  ELSIF NOT evently.is_start(check_event.start_at) THEN
    PERFORM evently.refuse('invalid-request', 'The start must lie in the years 1970 to 9999.');
  ELSIF NOT check_event.capacity BETWEEN 0 AND 1000000 THEN
    PERFORM evently.refuse('invalid-request', 'The capacity must be from 0 to 1000000 seats.');
  END IF;
END
$$;
COMMENT ON FUNCTION evently.check_event(text, text, timestamptz, integer) IS
  'Internal. Raises 22023 for the first field of an event that breaks a rule of its table; NULL passes.';

CREATE OR REPLACE FUNCTION evently.create_event_once(
  name text, start_at timestamptz, capacity integer, venue text, idempotency_key text, key_owner text,
  OUT created evently.events, OUT replayed boolean)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text := btrim(create_event_once.name);
  place text := nullif(btrim(create_event_once.venue), '');
  given jsonb := jsonb_build_object('name', label, 'venue', place,
    'start_at', extract(epoch FROM create_event_once.start_at), 'capacity', create_event_once.capacity);
BEGIN
  IF label IS NULL OR create_event_once.start_at IS NULL OR create_event_once.capacity IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'An event needs a name, a start and a capacity.');
  END IF;
  PERFORM evently.check_event(label, place, create_event_once.start_at, create_event_once.capacity);
  PERFORM evently.check_idempotency_key(create_event_once.idempotency_key);

  IF create_event_once.idempotency_key IS NOT NULL THEN
    IF coalesce(octet_length(create_event_once.key_owner), 0) NOT BETWEEN 1 AND 255 THEN
      PERFORM evently.refuse('invalid-request', 'The key_owner must have 1 to 255 bytes.');
    END IF;
    -- Two calls with one key: the second waits for the first, and finds its event.
    PERFORM pg_advisory_xact_lock(hashtextextended(
      create_event_once.key_owner || E'\n' || create_event_once.idempotency_key, 0));
    SELECT e.* INTO created
    FROM evently.event_keys k JOIN evently.events e ON e.id = k.event_id
    WHERE k.key_owner = create_event_once.key_owner AND k.idempotency_key = create_event_once.idempotency_key;
  END IF;
  replayed := created.id IS NOT NULL;
  IF replayed THEN
    IF NOT EXISTS (SELECT FROM evently.event_keys k WHERE k.event_id = created.id AND k.request = given) THEN
      PERFORM evently.refuse('idempotency-key-reused');
    END IF;
    RETURN;
  END IF;

  INSERT INTO evently.events AS e (name, venue, start_at, capacity, seats_available)
  VALUES (label, place, create_event_once.start_at, create_event_once.capacity, create_event_once.capacity)
  RETURNING e.* INTO created;
  IF create_event_once.idempotency_key IS NOT NULL THEN
    -- A conflict only where the snapshot is older than the other call: then 40001, as everywhere.
    INSERT INTO evently.event_keys (key_owner, idempotency_key, event_id, request)
    VALUES (create_event_once.key_owner, create_event_once.idempotency_key, created.id, given)
    ON CONFLICT DO NOTHING;
  END IF;
  PERFORM evently.inventory_changed(created.id);
END
$$;
COMMENT ON FUNCTION evently.create_event_once(text, timestamptz, integer, text, text, text) IS
  'Does what create_event does, and says whether the event is one that the same key of the same owner had created before.';

CREATE OR REPLACE FUNCTION evently.create_event(
  name text, start_at timestamptz, capacity integer, venue text DEFAULT NULL,
  idempotency_key text DEFAULT NULL)
RETURNS evently.events
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT once.created FROM evently.create_event_once(
    create_event.name, create_event.start_at, create_event.capacity, create_event.venue,
    create_event.idempotency_key, session_user) once);
END
$$;
COMMENT ON FUNCTION evently.create_event(text, timestamptz, integer, text, text) IS
  'Creates an event with all its seats (capacity 0 to 1,000,000) available and returns the row. A repeat with the same idempotency_key (1 to 255 bytes, counted per session_user) and content returns the event that is there. Errors: 22023 invalid-request, TK104 idempotency-key-reused.';

CREATE OR REPLACE FUNCTION evently.update_event(
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
  -- Redis keeps the tokens of an event until it starts.
  PERFORM evently.inventory_changed(changed.id);
  RETURN changed;
END
$$;
COMMENT ON FUNCTION evently.update_event(bigint, text, text, timestamptz, integer, bigint) IS
  'Changes the given fields of an event and returns the row; NULL leaves a field as it is, venue '''' clears it. expected_details_version, when given, must be the current one. Errors: 22023 invalid-request, TK001 event-not-found, TK106 details-changed, TK105 capacity-below-booked.';

CREATE OR REPLACE FUNCTION evently.delete_event(
  event_id bigint, expected_details_version bigint DEFAULT NULL)
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
  IF deleted.details_version <> delete_event.expected_details_version THEN
    PERFORM evently.refuse('details-changed', format('Expected details version %s, found %s.',
      delete_event.expected_details_version, deleted.details_version));
  END IF;
  PERFORM evently.inventory_changed(deleted.id);
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION evently.delete_event(bigint, bigint) IS
  'Deletes an event with its bookings and returns the row as it was. expected_details_version, when given, must be the current one. Errors: 22023 invalid-request, TK001 event-not-found, TK106 details-changed.';

CREATE OR REPLACE FUNCTION evently.delete_user(user_id bigint)
RETURNS evently.users
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deleted evently.users;
BEGIN
  IF delete_user.user_id IS NULL THEN
    PERFORM evently.refuse('invalid-request', 'The user_id must not be null.');
  END IF;
  -- Locks events first and in ascending order, as every writer does; the trigger of bookings refunds the
  -- seats. Locks rows only, not queues: the lock table might not hold all events that a user has booked.
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
