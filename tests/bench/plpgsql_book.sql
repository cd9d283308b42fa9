-- The reference for book(): the same checks in the same order in PL/pgSQL, declared the same way.
CREATE FUNCTION bench.book(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL)
RETURNS evently.bookings
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  event record;
  booking evently.bookings;
BEGIN
  IF book.user_id IS NULL OR book.event_id IS NULL OR book.seats NOT BETWEEN 1 AND 1000000
     OR octet_length(book.idempotency_key) NOT BETWEEN 1 AND 255 THEN
    RAISE EXCEPTION USING ERRCODE = '22023', MESSAGE = 'invalid request';
  END IF;
  IF book.idempotency_key IS NOT NULL THEN
    SELECT b.* INTO booking FROM evently.bookings b
    WHERE b.user_id = book.user_id AND b.idempotency_key = book.idempotency_key COLLATE "C";
    IF FOUND THEN
      RETURN booking;
    END IF;
  END IF;

  SELECT e.capacity, e.seats_available, e.start_at INTO event
  FROM evently.events e WHERE e.id = book.event_id FOR NO KEY UPDATE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TK001', MESSAGE = 'event does not exist';
  END IF;
  PERFORM FROM evently.users u WHERE u.id = book.user_id FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'TK002', MESSAGE = 'user does not exist';
  END IF;
  IF clock_timestamp() >= event.start_at THEN
    RAISE EXCEPTION USING ERRCODE = 'TK103', MESSAGE = 'booking is closed';
  END IF;
  IF book.seats > event.seats_available THEN
    RAISE EXCEPTION USING ERRCODE = 'TK101', MESSAGE = 'not enough seats';
  END IF;

  INSERT INTO evently.bookings AS b (user_id, event_id, seats, status, idempotency_key)
  VALUES (book.user_id, book.event_id, book.seats, 'CONFIRMED', book.idempotency_key)
  ON CONFLICT (user_id, idempotency_key COLLATE "C") WHERE idempotency_key IS NOT NULL DO NOTHING
  RETURNING b.* INTO booking;
  UPDATE evently.events e
  SET seats_available = e.seats_available - book.seats, version = e.version + 1,
      updated_at = clock_timestamp()
  WHERE e.id = book.event_id;
  PERFORM pg_notify('evently_inventory', book.event_id::text);
  RETURN booking;
END
$$;
