\ir prelude.psql
SELECT plan(4);

SELECT is((SELECT count(*) FROM evently.status()), 1::bigint, 'status is one row');
SELECT results_eq($$SELECT version, module_version FROM evently.status()$$,
                  $$SELECT extversion COLLATE "default", extversion COLLATE "default"
                    FROM pg_extension WHERE extname = 'evently'$$,
                  'schema and module have the version of the extension');
SELECT is(evently.module_version(), (SELECT module_version FROM evently.status()),
          'module_version says the same of the module');
SELECT isnt((SELECT worker FROM evently.status()), NULL, 'it says who sends notifications');

SELECT * FROM finish();
ROLLBACK;
