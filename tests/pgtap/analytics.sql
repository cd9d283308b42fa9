\ir prelude.psql
SELECT plan(7);

SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.book(-2, -10, 2) AS ignored \gset
SELECT evently.cancel((SELECT id FROM evently.book(-2, -10, 3))) AS ignored \gset
SELECT evently.set_capacity(-20, 7) AS ignored \gset
SELECT evently.book(-1, -20, 1) AS ignored \gset
SELECT id AS empty FROM evently.create_event('Empty', now(), 0) \gset

SELECT results_eq(
  format('SELECT * FROM evently.analytics() WHERE event_id IN (-10, -20, -30, %s) ORDER BY name',
    :empty),
  format($$VALUES (-10::bigint, 'Concert', 2::bigint, 6::bigint, 10, 4, 60.00),
                  (%s, 'Empty', 0, 0, 0, 0, 0),
                  (-20, 'Lecture', 1, 1, 7, 6, 14.29),
                  (-30, 'Premiere', 0, 0, 10, 10, 0)$$, :empty),
  'bookings and seats count when they are live; the share is rounded to two places, and 0 of 0 is 0');
SELECT is((SELECT count(*) FROM evently.analytics()), (SELECT count(*) FROM evently.events),
          'each event has a row');
SELECT results_eq('SELECT event_id FROM evently.analytics()',
                  'SELECT id FROM evently.events ORDER BY id',
                  '... in the order of their ids');
SELECT is((SELECT sum(total_confirmed_bookings) FROM evently.analytics()),
          (SELECT count(*)::numeric FROM evently.bookings WHERE status = 'CONFIRMED'),
          'the sum is that of all live bookings');
SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT is((SELECT capacity_utilization_pct FROM evently.analytics() WHERE event_id = -10), 100.00,
          'sold out is 100 per cent');
SELECT evently.delete_user(-1) AS deleted \gset
SELECT is((SELECT confirmed_seats FROM evently.analytics() WHERE event_id = -10), 2::bigint,
          'a deleted user''s seats are not counted');
SELECT is_empty('SELECT * FROM evently.analytics() WHERE capacity - seats_available <> confirmed_seats',
                'what is sold is what is not available');

SELECT * FROM finish();
ROLLBACK;
