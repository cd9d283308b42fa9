CREATE OR REPLACE FUNCTION evently.statistics(
  OUT booked bigint, OUT replayed bigint, OUT refused bigint, OUT cancelled bigint,
  OUT batches bigint, OUT batch_items bigint, OUT groups bigint, OUT group_members bigint,
  OUT notifications bigint, OUT resyncs bigint, OUT notifier_pid integer)
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_statistics';
COMMENT ON FUNCTION evently.statistics() IS
  'Counters behind pg_stat_evently, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE OR REPLACE VIEW evently.pg_stat_evently AS
SELECT booked, replayed, refused, cancelled, batches, batch_items,
       round(batch_items::numeric / nullif(batches, 0), 1) AS mean_batch,
       groups, group_members, round(group_members::numeric / nullif(groups, 0), 1) AS mean_group,
       notifications, resyncs, notifier_pid
FROM evently.statistics();
COMMENT ON VIEW evently.pg_stat_evently IS
  'One row: counters of this database since the server started. Reading it raises 55000 unless shared_preload_libraries names evently.';
COMMENT ON COLUMN evently.pg_stat_evently.booked IS 'Bookings made and committed.';
COMMENT ON COLUMN evently.pg_stat_evently.replayed IS 'Calls and items whose idempotency key was used before.';
COMMENT ON COLUMN evently.pg_stat_evently.refused IS 'Calls and items of book, book_outcome and book_many that were refused.';
COMMENT ON COLUMN evently.pg_stat_evently.cancelled IS 'Bookings cancelled and committed.';
COMMENT ON COLUMN evently.pg_stat_evently.batches IS 'Calls of book_many.';
COMMENT ON COLUMN evently.pg_stat_evently.batch_items IS 'Items in these batches.';
COMMENT ON COLUMN evently.pg_stat_evently.mean_batch IS 'Mean number of items per batch; NULL before the first batch.';
COMMENT ON COLUMN evently.pg_stat_evently.groups IS 'Commits of book_and_commit by a leader, for its own booking alone or for others as well.';
COMMENT ON COLUMN evently.pg_stat_evently.group_members IS 'Calls of book_and_commit that these commits were for.';
COMMENT ON COLUMN evently.pg_stat_evently.mean_group IS 'Mean number of members per group; NULL before the first group.';
COMMENT ON COLUMN evently.pg_stat_evently.notifications IS 'Notifications sent by the notifier.';
COMMENT ON COLUMN evently.pg_stat_evently.resyncs IS 'Notifications that asked listeners to read all events again: after a start, a failure or an overflow.';
COMMENT ON COLUMN evently.pg_stat_evently.notifier_pid IS 'Process id of the notifier; NULL while none runs, as when nothing changes.';

CREATE OR REPLACE FUNCTION evently.group_requests(
  OUT pid integer, OUT event_id bigint, OUT part text, OUT since timestamptz)
RETURNS SETOF record
LANGUAGE c VOLATILE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_group_requests';
COMMENT ON FUNCTION evently.group_requests() IS
  'Requests behind pg_stat_evently_groups, from shared memory. Raises 55000 when the module was not preloaded.';

CREATE OR REPLACE VIEW evently.pg_stat_evently_groups AS
SELECT pid, event_id, part, since FROM evently.group_requests();
COMMENT ON VIEW evently.pg_stat_evently_groups IS
  'One row per session of this database that is in book_and_commit, and whether it leads or waits. Reading it raises 55000 unless shared_preload_libraries names evently.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.pid IS 'Process id, as in pg_stat_activity, where a follower has the wait event Extension.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.event_id IS 'Event that it books.';
COMMENT ON COLUMN evently.pg_stat_evently_groups.part IS
  'Its part: leads (waits for the event''s lock on behalf of its group), waits (can still give up) or committing (is being booked, by its leader or as the leader).';
COMMENT ON COLUMN evently.pg_stat_evently_groups.since IS 'When its call began to lead or wait.';
