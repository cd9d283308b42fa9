-- Every object that \d+ shows in psql has a comment.
\ir prelude.psql
SELECT plan(10);

SELECT isnt(obj_description('evently'::regnamespace, 'pg_namespace'), NULL,
            'the schema has a comment');
SELECT isnt(obj_description((SELECT oid FROM pg_extension WHERE extname = 'evently'),
            'pg_extension'), NULL,
            'the extension has a comment');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL$$,
  'every function has a comment');
SELECT is_empty(
  $$SELECT oid::regclass FROM pg_class
    WHERE relnamespace = 'evently'::regnamespace AND relkind IN ('r', 'v', 'm', 'f', 'p')
      AND obj_description(oid, 'pg_class') IS NULL$$,
  'every table and view has a comment');
SELECT is_empty(
  $$SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'evently'::regnamespace AND relkind = 'r' AND attnum > 0
      AND NOT attisdropped
      AND col_description(attrelid, attnum) IS NULL$$,
  'every column of a table has a comment');
SELECT is_empty(
  $$SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = 'evently'::regnamespace AND NOT tgisinternal
      AND obj_description(pg_trigger.oid, 'pg_trigger') IS NULL$$,
  'every trigger has a comment');
SELECT is_empty(
  $$SELECT evtname FROM pg_event_trigger
    WHERE evtname LIKE 'evently%' AND obj_description(oid, 'pg_event_trigger') IS NULL$$,
      'every event trigger has a comment');
SELECT is_empty(
  $$SELECT name FROM pg_settings WHERE name LIKE 'evently.%'
    AND (short_desc IS NULL OR short_desc = '')$$, 'every setting says what it does');
SELECT is_empty(
  $$SELECT objoid, description FROM pg_description d
    WHERE d.objoid IN (SELECT oid FROM pg_proc WHERE pronamespace = 'evently'::regnamespace
                       UNION ALL SELECT oid FROM pg_class
                         WHERE relnamespace = 'evently'::regnamespace)
      AND description !~ '^[A-Z].*[.]$'$$, 'comments are sentences');

-- Functions that only the owner may call are marked as internal, and no others.
SELECT set_eq(
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'evently'::regnamespace
    AND (obj_description(oid, 'pg_proc') LIKE 'Internal.%' OR proname LIKE 'is\_%')$$,
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'evently'::regnamespace
    AND NOT has_function_privilege('evently_admin', oid, 'EXECUTE')$$,
  'functions that no role may call are marked as internal');

SELECT * FROM finish();
ROLLBACK;
