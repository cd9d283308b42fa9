\echo Use "ALTER EXTENSION evently UPDATE" to load this file. \quit

-- 0.2.0: many bookings under one lock, notifications by a background worker, statistics.

CREATE FUNCTION evently.book_many(
  event_id bigint, user_ids bigint[], seats integer[], idempotency_keys text[] DEFAULT NULL,
  OUT "position" integer, OUT outcome text, OUT sqlstate text, OUT message text,
  OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer,
  OUT status text, OUT created_at timestamptz, OUT version bigint, OUT seats_available integer)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'evently_book_many';
COMMENT ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) IS
  'Books many items (at most 1000, each a user, seats and perhaps an idempotency_key) of one event under one lock, as part of the caller''s transaction, with the outcome of the same calls of book in this order. Returns one row an item in order: its position from 1; outcome booked, replayed (the key was seen before, in the table or in this batch) or refused; when refused the sqlstate and message that book would raise, else the booking; and the event''s version and seats_available after the batch, NULL when the event does not exist or was not looked at. A refused item hurts no other. Without keys pass NULL for the array or for its element. Errors: 22023 invalid-request when an array is null, has several dimensions, another length or too many elements, or holds nulls.';

CREATE FUNCTION evently.notifier_state() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_notifier_state';
COMMENT ON FUNCTION evently.notifier_state() IS
  'Internal. Who sends the notifications of this database, in words.';

CREATE FUNCTION evently.statistics(
  OUT booked bigint, OUT replayed bigint, OUT refused bigint, OUT cancelled bigint,
  OUT batches bigint, OUT batch_items bigint, OUT notifications bigint, OUT resyncs bigint,
  OUT notifier_pid integer)
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_statistics';
COMMENT ON FUNCTION evently.statistics() IS
  'What pg_stat_evently shows, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE VIEW evently.pg_stat_evently AS
SELECT booked, replayed, refused, cancelled, batches, batch_items,
       round(batch_items::numeric / nullif(batches, 0), 1) AS mean_batch,
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
COMMENT ON COLUMN evently.pg_stat_evently.notifications IS 'Notifications sent by the notifier.';
COMMENT ON COLUMN evently.pg_stat_evently.resyncs IS 'How many of them asked listeners to read all events again: after a start, a failure or an overflow.';
COMMENT ON COLUMN evently.pg_stat_evently.notifier_pid IS 'Process of the notifier; NULL while there is none, which is so when nothing changes.';

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

ALTER FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) OWNER TO evently_owner;
ALTER FUNCTION evently.notifier_state() OWNER TO evently_owner;
ALTER FUNCTION evently.statistics() OWNER TO evently_owner;
ALTER VIEW evently.pg_stat_evently OWNER TO evently_owner;
REVOKE ALL ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]),
  evently.notifier_state(), evently.statistics() FROM PUBLIC;
REVOKE ALL ON evently.pg_stat_evently FROM PUBLIC;
GRANT SELECT ON evently.pg_stat_evently TO evently_reader;
GRANT EXECUTE ON FUNCTION evently.statistics() TO evently_reader;
GRANT EXECUTE ON FUNCTION evently.book_many(bigint, bigint[], integer[], text[]) TO evently_booker;
