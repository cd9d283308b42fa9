\ir prelude.psql
SELECT plan(9);

SELECT is((SELECT count(*) FROM evently.status()), 1::bigint, 'status is one row');
SELECT results_eq($$SELECT version, module_version FROM evently.status()$$,
                  $$SELECT extversion COLLATE "default", extversion COLLATE "default"
                    FROM pg_extension WHERE extname = 'evently'$$,
                  'schema and module have the version of the extension');
SELECT is(evently.module_version(), (SELECT module_version FROM evently.status()),
          'module_version says the same of the module');
SELECT isnt((SELECT worker FROM evently.status()), NULL, 'it says who sends notifications');


-- With the module preloaded there are statistics; without it what to set.
SELECT current_setting('shared_preload_libraries') ~ '\mevently\M' AS preloaded \gset
\if :preloaded
SELECT matches((SELECT worker FROM evently.status()), '^(running|idle)', 'a background worker notifies');
CREATE TEMPORARY TABLE before AS SELECT * FROM evently.pg_stat_evently;
SELECT pg_temp.refusal('SELECT evently.book(-1, -10, 100)'),
       pg_temp.refusal($$SELECT evently.book_many(-10, '{-1}', '{1,1}')$$) AS second,
       (SELECT count(*) FROM evently.book_many(-10, '{-1,-1,-99}', '{1,1,1}', '{k,k,NULL}')) AS ignored \gset ignored_
SELECT results_eq(
  $$SELECT s.refused - b.refused, s.replayed - b.replayed, s.batches - b.batches, s.batch_items - b.batch_items
    FROM evently.pg_stat_evently s, before b$$,
  $$VALUES (3::bigint, 1::bigint, 1::bigint, 3::bigint)$$,
  'refusals of seats and of arguments, repeats and batches count at once');
SELECT is((SELECT s.booked - b.booked FROM evently.pg_stat_evently s, before b), 0::bigint,
          'a booking counts when it is committed');
SELECT is((SELECT mean_batch FROM evently.pg_stat_evently),
          (SELECT round(batch_items / batches::numeric, 1) FROM evently.pg_stat_evently), 'the mean batch is items by batches');
SELECT is((SELECT count(*) FROM evently.pg_stat_evently), 1::bigint, 'statistics are one row');
\else
SELECT matches((SELECT worker FROM evently.status()), 'add evently to shared_preload_libraries', 'it says what to set');
SELECT is(pg_temp.refusal('SELECT * FROM evently.pg_stat_evently'),
          '55000 evently has no shared memory: The server did not load the module when it started.',
          'statistics need shared memory');
SELECT is((SELECT count(*) FROM evently.book_many(-10, '{-1}', '{1}') WHERE outcome = 'booked'), 1::bigint, 'batches do without');
SELECT is((SELECT seats FROM evently.book(-1, -10)), 1, '... as does book');
SELECT is((SELECT status FROM evently.cancel((evently.book(-1, -10)).id)), 'CANCELLED', '... and cancel');
\endif

SELECT * FROM finish();
ROLLBACK;
