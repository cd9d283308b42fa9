-- Statements that are planned while the tables are small must not read all of them when they are large.
\ir prelude.psql
SELECT plan(4);

ANALYZE evently.users, evently.events, evently.bookings;
CREATE FUNCTION pg_temp.scans() RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(relname || ' ' || seq_scan, ', ' ORDER BY relname)
  FROM pg_stat_xact_user_tables WHERE schemaname = 'evently'
$$;
SELECT pg_temp.scans() AS before \gset

SELECT count(*) AS ignored FROM generate_series(1, 3) n, evently.book(-1, -10, 1, 'k' || n) \gset
SELECT is(pg_temp.scans(), :'before', 'book reads no table as a whole');
SELECT count(*) AS ignored FROM generate_series(1, 3) n, evently.book_many(-20, '{-1,-2}', '{1,1}', ARRAY['m' || n, 'n' || n]) \gset
SELECT is(pg_temp.scans(), :'before', 'nor does book_many');
SELECT id AS booking FROM evently.book(-1, -10) \gset
SELECT status AS ignored FROM evently.cancel(:booking) \gset
SELECT is(pg_temp.scans(), :'before', 'nor cancel');
SELECT capacity AS ignored FROM evently.set_capacity(-10, 20) \gset
SELECT is(pg_temp.scans(), :'before', 'nor set_capacity');

SELECT * FROM finish();
ROLLBACK;
