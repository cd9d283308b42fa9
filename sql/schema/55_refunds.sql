-- Runs also when the owner deletes rows directly, and for the cascade of a deleted user or event. Seats
-- go back to events that still exist, locked in ascending order.
CREATE OR REPLACE FUNCTION evently.refund_deleted_bookings() RETURNS trigger
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
  'Internal. Gives the seats of deleted live bookings back to events that still exist.';

CREATE OR REPLACE FUNCTION evently.refund_truncated_bookings() RETURNS trigger
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
