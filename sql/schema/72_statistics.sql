CREATE OR REPLACE FUNCTION evently.statistics(
  OUT booked bigint, OUT replayed bigint, OUT refused bigint, OUT cancelled bigint,
  OUT batches bigint, OUT batch_items bigint, OUT groups bigint, OUT group_members bigint,
  OUT notifications bigint, OUT resyncs bigint, OUT notifier_pid integer)
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_statistics';
COMMENT ON FUNCTION evently.statistics() IS
  'What pg_stat_evently shows, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE OR REPLACE VIEW evently.pg_stat_evently AS
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

CREATE OR REPLACE FUNCTION evently.group_requests(
  OUT pid integer, OUT event_id bigint, OUT part text, OUT since timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_group_requests';
COMMENT ON FUNCTION evently.group_requests() IS
  'What pg_stat_evently_groups shows, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE OR REPLACE VIEW evently.pg_stat_evently_groups AS
SELECT pid, event_id, part, since FROM evently.group_requests();
COMMENT ON VIEW evently.pg_stat_evently_groups IS
  'One row a session of this database that is in book_and_commit: who leads and who waits. Raises 55000 unless shared_preload_libraries names evently.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.pid IS 'Process, as in pg_stat_activity, where a follower waits for Extension.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.event_id IS 'What it books.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.part IS
  'Its part: leads (waits for the event''s lock, for all who wait behind it), waits (may still give up) or committing (is being booked, by its leader or as one).';
COMMENT ON COLUMN evently.pg_stat_evently_groups.since IS 'Since when.';
