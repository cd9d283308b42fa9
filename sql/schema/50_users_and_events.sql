-- Functions for administrators and for sign-up. PL/pgSQL, because no booking passes through them.

CREATE OR REPLACE FUNCTION evently.create_user(email text, name text DEFAULT NULL)
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

CREATE OR REPLACE FUNCTION evently.check_event(name text, venue text, start_at timestamptz, capacity integer)
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

CREATE OR REPLACE FUNCTION evently.create_event(
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
