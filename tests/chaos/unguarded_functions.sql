-- Plain replacements of the two functions through which the service books and cancels, for throw-away
-- databases. In the module one guard stands behind another, and taking one away shows nothing; here
-- each of the four stands alone. The lock and the guard of refunds can be switched off by the setting
-- chaos.without, the CHECK and the unique key by dropping them.
CREATE SCHEMA chaos;
GRANT USAGE ON SCHEMA chaos TO evently_owner;

CREATE FUNCTION chaos.has(guard text) RETURNS boolean LANGUAGE sql STABLE
RETURN guard IS DISTINCT FROM current_setting('chaos.without', true);

-- Reads the counter, and gives others time to do the same.
CREATE FUNCTION chaos.read_seats(of_event bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  seats_left integer;
BEGIN
  IF chaos.has('lock') THEN
    PERFORM FROM evently.events e WHERE e.id = of_event FOR NO KEY UPDATE;
  END IF;
  SELECT e.seats_available INTO seats_left FROM evently.events e WHERE e.id = of_event;
  PERFORM pg_sleep(0.002);
  RETURN seats_left;
END
$$;

CREATE FUNCTION chaos.write_seats(of_event bigint, seats_left integer) RETURNS integer LANGUAGE sql AS $$
  UPDATE evently.events SET seats_available = $2, version = version + 1 WHERE id = $1
  RETURNING seats_available
$$;

CREATE FUNCTION chaos.book_many(for_event bigint, for_users bigint[], wanted integer[], keys text[])
RETURNS TABLE (item integer, became text, state text, reason text, booking bigint, by_user bigint,
               of_event bigint, taken integer, now_is text, made_at timestamptz, now_version bigint,
               now_left integer)
LANGUAGE plpgsql AS $$
DECLARE
  known bigint[];
BEGIN
  -- Before the lock: of what is booked meanwhile only the unique key knows.
  FOR i IN 1..cardinality(for_users) LOOP
    known[i] := (SELECT min(b.id) FROM evently.bookings b
                 WHERE b.user_id = for_users[i] AND b.idempotency_key = keys[i] COLLATE "C");
  END LOOP;
  now_left := chaos.read_seats(for_event);

  FOR i IN 1..cardinality(for_users) LOOP
    item := i;
    became := 'replayed';
    state := NULL;
    reason := NULL;
    booking := known[i];
    IF booking IS NULL THEN
      BEGIN
        INSERT INTO evently.bookings AS b (user_id, event_id, seats, status, idempotency_key)
        VALUES (for_users[i], for_event, wanted[i], 'CONFIRMED', keys[i])
        ON CONFLICT DO NOTHING RETURNING b.id INTO booking;
        IF booking IS NOT NULL THEN
          -- That there are enough seats only the CHECK says.
          now_left := chaos.write_seats(for_event, now_left - wanted[i]);
          became := 'booked';
        END IF;
      EXCEPTION WHEN check_violation THEN
        booking := NULL;
        became := 'refused';
        state := 'TK101';
        reason := 'not enough seats';
      WHEN foreign_key_violation THEN
        booking := NULL;
        became := 'refused';
        state := 'TK002';
        reason := 'user not found';
      END;
    END IF;
    IF booking IS NULL AND became = 'replayed' THEN
      booking := (SELECT min(b.id) FROM evently.bookings b
                  WHERE b.user_id = for_users[i] AND b.idempotency_key = keys[i] COLLATE "C");
    END IF;
    SELECT b.user_id, b.event_id, b.seats, b.status, b.created_at
    INTO by_user, of_event, taken, now_is, made_at FROM evently.bookings b WHERE b.id = booking;
    SELECT e.version INTO now_version FROM evently.events e WHERE e.id = for_event;
    RETURN NEXT;
  END LOOP;
END
$$;

CREATE FUNCTION chaos.cancel(
  of_booking bigint, OUT booking bigint, OUT from_event bigint, OUT now_is text, OUT changed boolean,
  OUT now_version bigint, OUT now_left integer)
LANGUAGE plpgsql AS $$
DECLARE
  given_back integer;
BEGIN
  booking := of_booking;
  SELECT b.event_id, b.seats INTO STRICT from_event, given_back FROM evently.bookings b WHERE b.id = of_booking;
  now_left := chaos.read_seats(from_event);
  UPDATE evently.bookings b SET status = 'CANCELLED'
  WHERE b.id = of_booking AND (evently.is_live(b.status) OR NOT chaos.has('refund guard'));
  changed := FOUND;
  now_is := 'CANCELLED';
  IF changed THEN
    now_left := chaos.write_seats(from_event, now_left + given_back);
    SELECT e.version INTO now_version FROM evently.events e WHERE e.id = from_event;
  ELSE
    now_left := NULL;
  END IF;
END
$$;

CREATE OR REPLACE FUNCTION evently.book_many(
  event_id bigint, user_ids bigint[], seats integer[], idempotency_keys text[] DEFAULT NULL,
  OUT "position" integer, OUT outcome text, OUT sqlstate text, OUT message text,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT version bigint, OUT seats_available integer)
RETURNS SETOF record
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'SELECT * FROM chaos.book_many($1, $2, $3, $4)';

CREATE OR REPLACE FUNCTION evently.cancel_outcome(
  booking_id bigint, OUT booking_id bigint, OUT event_id bigint, OUT status text,
  OUT changed boolean, OUT version bigint, OUT seats_available integer)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'SELECT * FROM chaos.cancel($1)';
