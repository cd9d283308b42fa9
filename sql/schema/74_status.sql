CREATE OR REPLACE FUNCTION evently.epoch() RETURNS text
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
  'Identifies the period in which versions of events only increase: server, timeline, start, database and storage of events. It changes with a restart, a failover, a restore or a TRUNCATE; copies of the inventory from another epoch are invalid.';

CREATE OR REPLACE FUNCTION evently.module_version() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_module_version';
COMMENT ON FUNCTION evently.module_version() IS 'Version of the loaded C++ module.';

CREATE OR REPLACE FUNCTION evently.notifier_state() RETURNS text
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'evently_notifier_state';
COMMENT ON FUNCTION evently.notifier_state() IS
  'Internal. Which process sends the notifications of this database, in words.';

CREATE OR REPLACE FUNCTION evently.status()
RETURNS TABLE (version text, module_version text, worker text)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (SELECT extversion FROM pg_extension WHERE extname = 'evently'),
         evently.module_version(),
         evently.notifier_state()
$$;
COMMENT ON FUNCTION evently.status() IS
  'One row: version of the schema, version of the loaded module (newer until ALTER EXTENSION evently UPDATE has run), and which process sends notifications (worker).';
