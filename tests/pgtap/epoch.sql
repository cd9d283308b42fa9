-- The epoch identifies the period in which versions only increase.
\ir prelude.psql
SELECT plan(7);

SELECT evently.epoch() AS epoch \gset
SELECT matches(:'epoch'::text, '^[0-9]+-[0-9]+-[0-9]+-[0-9]+-[0-9]+$', 'an epoch is five numbers');
SELECT results_eq(
  format('SELECT split_part(%L, ''-'', n) FROM generate_series(1, 4) n', :'epoch'),
  $$SELECT system_identifier::text FROM pg_control_system()
    UNION ALL SELECT timeline_id::text FROM pg_control_checkpoint()
    UNION ALL SELECT floor(extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint::text
    UNION ALL SELECT oid::text FROM pg_database WHERE datname = current_database()$$,
  '... the server, its timeline, its start and the database');
SELECT evently.book(-1, -10) AS ignored \gset
SELECT evently.update_event(-10, name => 'E', capacity => 20) AS ignored \gset
SELECT evently.delete_user(-1) AS deleted \gset
SELECT is(evently.epoch(), :'epoch', 'changes of rows do not begin another');
SET LOCAL search_path = pg_temp, public;
SET LOCAL TimeZone = 'Asia/Kathmandu';
SET LOCAL extra_float_digits = 0;
SET LOCAL DateStyle = 'SQL, DMY';
SELECT is(evently.epoch(), :'epoch', 'neither do the settings of a session');
SELECT is(pg_temp.refusal_as('evently_reader', 'SELECT evently.epoch()'), 'none',
          'the bridge may ask for it');
TRUNCATE evently.events CASCADE;
SELECT isnt(evently.epoch(), :'epoch',
            'a TRUNCATE, after which versions begin again, begins another');
SELECT is(evently.epoch(), evently.epoch(), '... which stays');

SELECT * FROM finish();
ROLLBACK;
