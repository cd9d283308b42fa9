-- Checks the invariants, and repairs the counter of an event.

-- One statement has one snapshot, which shows a concurrent booking as a whole or not at all.
CREATE OR REPLACE FUNCTION evently.verify(event_id bigint DEFAULT NULL)
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
  'One row per violated invariant, with the ids; no row when all invariants hold. Checks one event, or all when NULL. Takes no lock that a booking waits for, so it is safe on a live system.';

-- Sets the counter from the bookings, and never changes a booking.
CREATE OR REPLACE FUNCTION evently.reconcile(
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
  'Sets an event''s seats_available to its capacity less the seats of its live bookings, under the event''s lock, and records that in repairs. Returns whether that changed anything, the seats before and after, and how many rows verify() has left: a person has to decide about bookings that share a key or lack their user. An event with more booked seats than its capacity is refused: raise its capacity first, in the same transaction. Errors: 22023 invalid-request, TK001 event-not-found, TK105 capacity-below-booked.';
