-- What the workloads need beside the extension, in a schema of its own.
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
INSERT INTO evently.users (email)
SELECT 'bench' || n || '@example.com' FROM generate_series(1, 10000) n
ON CONFLICT DO NOTHING;

-- The reference R: whatever the bookings table has today, with its indexes, checks and foreign keys.
SELECT format('CREATE TABLE bench.bookings (LIKE evently.bookings INCLUDING ALL) WITH (%s)',
              array_to_string(reloptions, ', '))
FROM pg_class WHERE oid = 'evently.bookings'::regclass \gexec
SELECT format('ALTER TABLE bench.bookings ADD %s', pg_get_constraintdef(oid))
FROM pg_constraint WHERE conrelid = 'evently.bookings'::regclass AND contype = 'f' \gexec

-- Ready arguments for book_many, so that making them is not measured.
CREATE UNLOGGED TABLE bench.batches (
  id integer PRIMARY KEY, user_ids bigint[], seats integer[], keys text[]);
ALTER TABLE bench.batches ALTER user_ids SET STORAGE EXTERNAL, ALTER seats SET STORAGE EXTERNAL,
  ALTER keys SET STORAGE EXTERNAL;
