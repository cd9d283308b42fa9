\ir prelude.psql
SELECT plan(6);

SELECT is((SELECT count(*) FROM evently.status()), 1::bigint, 'status is one row');
SELECT results_eq($$SELECT version, module_version FROM evently.status()$$,
                  $$SELECT extversion COLLATE "default", extversion COLLATE "default"
                    FROM pg_extension WHERE extname = 'evently'$$,
                  'schema and module have the version of the extension');
SELECT is(evently.module_version(), (SELECT module_version FROM evently.status()),
          'module_version says the same of the module');
SELECT isnt((SELECT worker FROM evently.status()), NULL, 'it says who sends notifications');

SELECT events, live_bookings FROM evently.status() \gset before_
SELECT evently.create_event('E', now() + interval '1 day', 10) AS ignored \gset
SELECT evently.book(-1, -10, 4) AS ignored \gset
SELECT evently.cancel((SELECT id FROM evently.book(-2, -10, 3))) AS ignored \gset
SELECT results_eq('SELECT events, live_bookings FROM evently.status()',
                  format('VALUES (%s::bigint, %s::bigint)', :before_events + 1,
                    :before_live_bookings + 1),
                  'it counts events and live bookings');
SELECT results_eq('SELECT events, live_bookings FROM evently.status()',
                  $$SELECT (SELECT count(*) FROM evently.events),
                           (SELECT count(*) FROM evently.bookings WHERE status = 'CONFIRMED')$$,
                             '... all of them');

SELECT * FROM finish();
ROLLBACK;
