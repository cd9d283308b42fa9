\ir prelude.psql
SELECT plan(8);

SELECT id AS first FROM evently.book(-1, -10, 4) \gset
SELECT id AS second FROM evently.book(-1, -20, 2) \gset
SELECT evently.book(-2, -10, 1) AS ignored \gset
SELECT evently.cancel(:first) AS ignored \gset

SELECT results_eq(
  'SELECT * FROM evently.user_bookings(-1) ORDER BY id DESC',
  format($$SELECT id, event_id, seats, status, created_at FROM evently.bookings
           WHERE id IN (%s, %s) ORDER BY id DESC$$, :first, :second),
  'a user''s bookings, cancelled ones too');
SELECT results_eq('SELECT status FROM evently.user_bookings(user_id => -1) ORDER BY id',
                  $$VALUES ('CANCELLED'), ('CONFIRMED')$$, '... as they are now');
SELECT is_empty('SELECT * FROM evently.user_bookings(-99)', 'an unknown user has none');
SELECT is_empty('SELECT * FROM evently.user_bookings(NULL)', 'NULL is no user and has no bookings');
SELECT results_eq(
  format('SELECT id FROM evently.user_bookings(-1) WHERE id < %s ORDER BY id DESC LIMIT 1',
    :second),
  format('VALUES (%s::bigint)', :first), 'a page is cut outside');

-- Inlined: conditions, order and limit reach the index, so that reading a page reads no more than it.
SELECT pg_temp.plan_of(
  'SELECT * FROM evently.user_bookings(-1) WHERE id < 1000 ORDER BY id DESC LIMIT 10') AS plan \gset
SELECT matches(:'plan'::text, 'Index Scan Backward using bookings_user_id_id_idx',
               'a page is read from the index');
SELECT matches(:'plan'::text, 'Index Cond: \(\(user_id = [^)]+\) AND \(id < 1000\)\)',
               '... by user and cursor');
SELECT doesnt_match(:'plan'::text, 'Sort|Function Scan', '... in its order');

SELECT * FROM finish();
ROLLBACK;
