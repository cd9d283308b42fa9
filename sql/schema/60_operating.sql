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
