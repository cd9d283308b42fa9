\echo Use "ALTER EXTENSION evently UPDATE" to load this file. \quit

-- 0.2.0: many bookings under one lock, group commit, notifications by a background worker, statistics,
-- repairs.

CREATE FUNCTION evently.book_many(
  event_id bigint, user_ids bigint[], seats integer[], idempotency_keys text[] DEFAULT NULL,
  OUT "position" integer, OUT outcome text, OUT sqlstate text, OUT message text,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT version bigint, OUT seats_available integer)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off
AS 'MODULE_PATHNAME', 'evently_book_many';
COMMENT ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) IS
  'Books many items (at most 1000, each a user, seats and perhaps an idempotency_key) of one event under one lock, as part of the caller''s transaction, with the outcome of the same calls of book in this order. Returns one row an item in order: its position from 1; outcome booked, replayed (the key was seen before, in the table or in this batch) or refused; when refused the sqlstate and message that book would raise, else the booking; and the event''s version and seats_available after the batch, NULL when the event does not exist or was not looked at. A refused item hurts no other. Without keys pass NULL for the array or for its element. Errors: 22023 invalid-request when an array is null, has several dimensions, another length or too many elements, or holds nulls.';

CREATE PROCEDURE evently.book_and_commit(
  user_id bigint, event_id bigint, seats integer DEFAULT 1, idempotency_key text DEFAULT NULL,
  INOUT booking_id bigint DEFAULT NULL, INOUT status text DEFAULT NULL,
  INOUT created_at timestamptz DEFAULT NULL, INOUT replayed boolean DEFAULT NULL,
  INOUT version bigint DEFAULT NULL, INOUT seats_available integer DEFAULT NULL)
LANGUAGE c
AS 'MODULE_PATHNAME', 'evently_book_and_commit';
COMMENT ON PROCEDURE evently.book_and_commit(
  bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer) IS
  'Books seats as book does, in a transaction of its own, and commits: on return the booking is as durable as synchronous_commit asks. Sessions that book one event at once share one lock and one commit (group commit), which makes a hot event many times faster than book. Outside a transaction block only. Returns the booking_id, its status, created_at, whether the key was seen before (replayed), and the event''s version and seats_available after it, both NULL when replayed. What is passed for these is ignored. Raises 25001 inside a transaction block. Errors: 22023 invalid-request, TK104 idempotency-key-reused, TK001 event-not-found, TK002 user-not-found, TK103 booking-closed, TK101 not-enough-seats; as book.';

-- The order in which settings are given is kept, and compared with a fresh installation's.
ALTER FUNCTION evently.book(bigint, bigint, integer, text) SET enable_seqscan = off;
ALTER FUNCTION evently.book(bigint, bigint, integer, text) SET enable_bitmapscan = off;
ALTER FUNCTION evently.book_outcome(bigint, bigint, integer, text) SET enable_seqscan = off;
ALTER FUNCTION evently.book_outcome(bigint, bigint, integer, text) SET enable_bitmapscan = off;
ALTER FUNCTION evently.cancel(bigint) SET enable_seqscan = off;
ALTER FUNCTION evently.cancel(bigint) SET enable_bitmapscan = off;
ALTER FUNCTION evently.cancel_outcome(bigint) SET enable_seqscan = off;
ALTER FUNCTION evently.cancel_outcome(bigint) SET enable_bitmapscan = off;
ALTER FUNCTION evently.set_capacity(bigint, integer) SET enable_seqscan = off;
ALTER FUNCTION evently.set_capacity(bigint, integer) SET enable_bitmapscan = off;

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

CREATE OR REPLACE FUNCTION evently.status()
RETURNS TABLE (version text, module_version text, worker text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (SELECT extversion FROM pg_extension WHERE extname = 'evently'),
         evently.module_version(),
         evently.notifier_state()
$$;
COMMENT ON FUNCTION evently.status() IS
  'One row: version of the schema, version of the loaded module (differs until ALTER EXTENSION evently UPDATE), who sends notifications (worker).';

CREATE TABLE evently.repairs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id bigint NOT NULL,
  capacity integer NOT NULL,
  seats_before integer NOT NULL,
  seats_after integer NOT NULL,
  repaired_by text NOT NULL DEFAULT session_user,
  repaired_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE evently.repairs IS 'What reconcile changed, one row a repair.';
COMMENT ON COLUMN evently.repairs.id IS 'Number of the repair.';
COMMENT ON COLUMN evently.repairs.event_id IS 'Whose counter was repaired; the event may be gone by now.';
COMMENT ON COLUMN evently.repairs.capacity IS 'Capacity of the event at that time.';
COMMENT ON COLUMN evently.repairs.seats_before IS 'What seats_available said.';
COMMENT ON COLUMN evently.repairs.seats_after IS
  'What it says since: capacity less the seats of all live bookings.';
COMMENT ON COLUMN evently.repairs.repaired_by IS 'Who was logged in, whatever role he had taken.';
COMMENT ON COLUMN evently.repairs.repaired_at IS 'When, on the database''s clock.';
SELECT pg_catalog.pg_extension_config_dump('evently.repairs', '');
SELECT pg_catalog.pg_extension_config_dump('evently.repairs_id_seq', '');

CREATE VIEW evently.repair_list AS
SELECT id, event_id, capacity, seats_before, seats_after, repaired_by, repaired_at
FROM evently.repairs;
COMMENT ON VIEW evently.repair_list IS 'What reconcile changed, one row a repair: for evently_admin.';

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

DROP EVENT TRIGGER evently_guard_drop;
COMMENT ON FUNCTION evently.guard_drop() IS
  'Internal. Refuses what would drop the extension while there are bookings, unless evently.allow_drop is on.';
CREATE EVENT TRIGGER evently_guard_drop ON ddl_command_start
  WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED') EXECUTE FUNCTION evently.guard_drop();
ALTER EVENT TRIGGER evently_guard_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER evently_guard_drop IS
  'Refuses what would drop the extension while there are bookings, unless evently.allow_drop is on.';

DO $$
DECLARE
  made text;
BEGIN
  FOREACH made IN ARRAY ARRAY[
    'FUNCTION evently.book_many(bigint, bigint[], integer[], text[])',
    'PROCEDURE evently.book_and_commit(bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer)',
    'FUNCTION evently.notifier_state()', 'FUNCTION evently.statistics()',
    'FUNCTION evently.group_requests()', 'FUNCTION evently.reconcile(bigint)',
    'TABLE evently.pg_stat_evently', 'TABLE evently.pg_stat_evently_groups', 'TABLE evently.repairs',
    'TABLE evently.repair_list']
  LOOP
    EXECUTE pg_catalog.format('ALTER %s OWNER TO evently_owner', made);
    EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM PUBLIC', made);
  END LOOP;
END
$$;
GRANT SELECT ON evently.pg_stat_evently, evently.pg_stat_evently_groups TO evently_reader;
GRANT EXECUTE ON FUNCTION evently.statistics(), evently.group_requests() TO evently_reader;
GRANT EXECUTE ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) TO evently_booker;
GRANT EXECUTE ON PROCEDURE evently.book_and_commit(
  bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer) TO evently_booker;
GRANT SELECT ON evently.repair_list TO evently_admin;
GRANT EXECUTE ON FUNCTION evently.reconcile(bigint) TO evently_admin;
