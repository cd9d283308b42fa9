\ir prelude.psql
SELECT plan(8);

SELECT id AS first FROM evently.book(-1, -10, 4) \gset
SELECT id AS second FROM evently.book(-2, -10, 1) \gset
SELECT evently.book(-1, -20, 2) AS ignored \gset
SELECT evently.cancel(:first) AS ignored \gset

SELECT results_eq(
  'SELECT booking_id, user_id, user_email, user_name, seats, status FROM evently.event_bookings(-10)
   ORDER BY booking_id DESC',
  format($$VALUES (%s::bigint, -2::bigint, 'bob@pgtap.example', NULL, 1, 'CONFIRMED'),
                  (%s, -1, 'ann@pgtap.example', 'Ann', 4, 'CANCELLED')$$, :second, :first),
  'an event''s bookings, cancelled ones too, with the users who booked');
SELECT results_eq('SELECT booking_id, created_at FROM evently.event_bookings(event_id => -10) ORDER BY 1',
                  'SELECT id, created_at FROM evently.bookings WHERE event_id = -10 ORDER BY 1',
                    '... and when');
SELECT is_empty('SELECT * FROM evently.event_bookings(-99)', 'an unknown event has none');
SELECT is_empty('SELECT * FROM evently.event_bookings(NULL)', 'no event has none');
SELECT results_eq(
  format('SELECT booking_id FROM evently.event_bookings(-10) WHERE booking_id < %s
          ORDER BY booking_id DESC LIMIT 1', :second),
  format('VALUES (%s::bigint)', :first), 'a page is cut outside');

-- Inlined: conditions, order and limit reach the index, so that reading a page reads no more than it.
SELECT pg_temp.plan_of(
  'SELECT * FROM evently.event_bookings(-10) WHERE booking_id < 1000 ORDER BY booking_id DESC LIMIT 10'
  ) AS plan \gset
SELECT matches(:'plan'::text, 'Index Scan Backward using bookings_event_id_id_idx',
               'a page is read from the index');
SELECT matches(:'plan'::text, 'Index Cond: \(\(event_id = [^)]+\) AND \(id < 1000\)\)',
               '... by event and cursor');
SELECT doesnt_match(:'plan'::text, 'Sort|Function Scan', '... in its order');

SELECT * FROM finish();
ROLLBACK;
