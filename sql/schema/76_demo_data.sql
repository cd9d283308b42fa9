-- Existing rows stay, and demo events that have started are moved into the future again.
CREATE OR REPLACE FUNCTION evently.seed_demo_data()
RETURNS TABLE (users bigint, events bigint, bookings bigint)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  demo record;
  demo_event_id bigint;
  demo_user_id bigint;
BEGIN
  -- Two concurrent calls would both find no demo event, and create it twice.
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
      -- An event may have been sold out since, or lost capacity.
      PERFORM evently.book(demo_user_id, e.id, 2, 'demo-' || e.id)
      FROM evently.events e WHERE e.id = demo_event_id AND e.seats_available >= 2;
    END IF;
  END LOOP;

  RETURN QUERY SELECT (SELECT count(*) FROM evently.users), (SELECT count(*) FROM evently.events),
                      (SELECT count(*) FROM evently.bookings);
END
$$;
COMMENT ON FUNCTION evently.seed_demo_data() IS
  'Creates demo users, events and bookings where they are missing, and returns how many rows there are now. Idempotent.';
