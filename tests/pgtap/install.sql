-- CREATE and DROP EXTENSION. All of it is rolled back at the end.
\ir prelude.psql
SELECT plan(39);

-- What belongs to the extension.
SELECT results_eq(
  $$SELECT extversion = evently.module_version(), extrelocatable, extnamespace::regnamespace::text
    FROM pg_extension WHERE extname = 'evently'$$,
  $$VALUES (true, false, 'pg_catalog')$$,
    'script and module have one version, and the extension makes its own schema');
CREATE FUNCTION pg_temp.members(kind regclass) RETURNS SETOF oid LANGUAGE sql AS $$
  SELECT objid FROM pg_depend WHERE deptype = 'e' AND classid = kind
    AND refclassid = 'pg_extension'::regclass
    AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'evently')
$$;
SELECT set_eq($$SELECT oid::regclass FROM pg_class WHERE relnamespace = 'evently'::regnamespace
              AND relkind NOT IN ('i', 'c')$$,
              $$SELECT m::regclass FROM pg_temp.members('pg_class') m$$,
                'tables, views and sequences of the schema are the extension''s, and no others');
SELECT set_eq($$SELECT oid::regprocedure FROM pg_proc
              WHERE pronamespace = 'evently'::regnamespace$$,
              $$SELECT m::regprocedure FROM pg_temp.members('pg_proc') m$$, 'so are functions');
SELECT is_empty($$SELECT m::regnamespace::text FROM pg_temp.members('pg_namespace') m$$,
                'the schema is not, or pg_dump --schema would leave its rows out');
SELECT set_eq($$SELECT evtname::text FROM pg_event_trigger, pg_temp.members('pg_event_trigger') m
              WHERE oid = m$$,
              $$VALUES ('evently_guard_drop')$$, 'the guard is');
SELECT is_empty(
  $$SELECT classid::regclass FROM pg_depend WHERE deptype = 'e'
    AND refclassid = 'pg_extension'::regclass
      AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'evently')
      AND classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass,
        'pg_event_trigger'::regclass, 'pg_type'::regclass)$$,
  'and nothing else is');
SELECT set_eq(
  $$SELECT t.relation::regclass::text, t.condition FROM pg_extension e,
    unnest(e.extconfig, e.extcondition) AS t (relation, condition)
    WHERE e.extname = 'evently'$$,
  $$VALUES ('evently.users', ''), ('evently.events', ''), ('evently.bookings', ''),
           ('evently.users_id_seq', ''), ('evently.events_id_seq', ''),
             ('evently.bookings_id_seq', ''), ('evently.repairs', ''), ('evently.repairs_id_seq', ''),
             ('evently.event_keys', '')$$,
  'a dump holds all rows of all tables, and the positions of the sequences');

-- Dropping the extension deletes the bookings, so it must not happen by mistake.
DELETE FROM evently.bookings;
SELECT evently.book(-1, -10) AS ignored \gset
SELECT evently.cancel(id) AS ignored FROM evently.bookings \gset
SELECT is(pg_temp.refusal(statement),
          '55006 there are bookings: Dropping the extension would delete them.',
          format('refused while there are bookings, cancelled ones too: %s', statement))
FROM unnest(ARRAY['DROP EXTENSION evently', 'DROP EXTENSION evently CASCADE',
  'DROP EXTENSION IF EXISTS no_such_thing, evently',
                  'DROP SCHEMA evently CASCADE', 'DROP SCHEMA pg_temp, evently CASCADE',
                    'DROP EXTENSION plpgsql CASCADE', 'DROP OWNED BY CURRENT_USER CASCADE']) AS statement;
SET LOCAL session_replication_role = replica;
SELECT matches(pg_temp.refusal('DROP EXTENSION evently'), '^55006 ',
               '... and where triggers are off');
SET LOCAL session_replication_role = origin;
SELECT isnt(pg_temp.refusal(statement), 'none', format('refused as well: %s', statement))
FROM unnest(ARRAY['DROP OWNED BY evently_owner CASCADE', 'DROP TABLE evently.bookings CASCADE',
  'DROP FUNCTION evently.guard_drop() CASCADE',
                  'DROP EVENT TRIGGER evently_guard_drop', 'DROP ROLE evently_owner']) AS statement;
CREATE SCHEMA evently_pgtap_other;
SELECT is(pg_temp.refusal('DROP SCHEMA evently_pgtap_other'), 'none',
          'another schema can be dropped');
CREATE ROLE evently_pgtap_other;
SELECT is(pg_temp.refusal('DROP OWNED BY evently_pgtap_other'), 'none',
          '... and what another role owns');
SET LOCAL evently.allow_drop = on;
SAVEPOINT allowed;
SELECT is(pg_temp.refusal('DROP EXTENSION evently'), 'none', 'evently.allow_drop allows it');
SELECT is_empty($$SELECT FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass
                  AND refobjid = 'evently'::regnamespace$$,
                '... with all that it made, but for the empty schema');
ROLLBACK TO allowed;
SET LOCAL evently.allow_drop = off;
DELETE FROM evently.bookings;
SELECT is(pg_temp.refusal('DROP EXTENSION evently'), 'none', 'without bookings nothing is lost');
SELECT set_has($$SELECT rolname::text COLLATE "default" FROM pg_roles$$, $$VALUES ('evently_owner'),
               ('evently_reader'), ('evently_booker'), ('evently_admin')$$,
               'the roles stay: other databases may use them');

-- Creating it where all roles exist, and where some or none of them do.
SAVEPOINT absent;
CREATE EXTENSION evently;
SELECT is((SELECT relowner::regrole::text FROM pg_class WHERE oid = 'evently.bookings'::regclass),
          'evently_owner', 'roles and schema that are there are used');
ROLLBACK TO absent;
DROP SCHEMA evently;
CREATE EXTENSION evently;
SELECT is((SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'evently'),
          CURRENT_USER::text, 'a schema that is not there is made, and is its creator''s');
ROLLBACK TO absent;
CREATE TABLE evently.another ();
SELECT is(pg_temp.refusal('CREATE EXTENSION evently'), 'P0001 schema evently is not empty',
          'refused where the schema holds something else');
ROLLBACK TO absent;
GRANT CREATE ON SCHEMA evently TO evently_admin;
SELECT is(pg_temp.refusal('CREATE EXTENSION evently'), 'P0001 other roles may create in schema evently',
          'refused where another role could add to the schema');
REVOKE CREATE ON SCHEMA evently FROM evently_admin;
ALTER SCHEMA evently OWNER TO evently_admin;
SELECT is(pg_temp.refusal('CREATE EXTENSION evently'),
          'P0001 schema evently belongs to a role that is no superuser',
          'refused where another role could drop what is in the schema');
ROLLBACK TO absent;
ALTER ROLE evently_owner RENAME TO evently_pgtap_1;
ALTER ROLE evently_reader RENAME TO evently_pgtap_2;
ALTER ROLE evently_booker RENAME TO evently_pgtap_3;
ALTER ROLE evently_admin RENAME TO evently_pgtap_4;
CREATE ROLE evently_booker LOGIN;
CREATE EXTENSION evently;
SELECT results_eq(
  $$SELECT pg_has_role('evently_admin', 'evently_booker', 'USAGE'),
    pg_has_role('evently_booker', 'evently_reader', 'USAGE'),
           has_function_privilege('evently_booker', 'evently.book(bigint,bigint,integer,text)',
             'EXECUTE')$$,
  'VALUES (true, true, true)', 'roles that are not there are made, each within the next');
SELECT is((SELECT rolcanlogin FROM pg_roles WHERE rolname = 'evently_booker'), true,
          '... and one that was is left as it is');
ROLLBACK TO absent;
ALTER ROLE evently_owner SUPERUSER;
SELECT is(pg_temp.refusal('CREATE EXTENSION evently'), 'P0001 role evently_owner is a superuser',
          'refused where SECURITY DEFINER would run as a superuser');
ROLLBACK TO absent;
-- By a superuser other than the cluster's first, because everything that such a role owns can be dropped.
CREATE ROLE evently_pgtap_dba SUPERUSER;
SET LOCAL ROLE evently_pgtap_dba;
CREATE EXTENSION evently;
RESET ROLE;
INSERT INTO evently.events (id, name, start_at, capacity, seats_available) OVERRIDING SYSTEM VALUE
VALUES (-10, 'Concert', now() + interval '1 day', 10, 10);
SELECT evently.book((evently.create_user('ann@pgtap.example')).id, -10) AS ignored \gset
SELECT is(pg_temp.refusal('DROP OWNED BY evently_pgtap_other, evently_pgtap_dba'),
          '55006 there are bookings: Dropping the extension would delete them.',
          'what the extension''s owner owns is not dropped while there are bookings');
CREATE ROLE evently_pgtap_schema_owner SUPERUSER;
ALTER SCHEMA evently OWNER TO evently_pgtap_schema_owner;
SELECT is(pg_temp.refusal('DROP OWNED BY evently_pgtap_schema_owner CASCADE'),
          '55006 there are bookings: Dropping the extension would delete them.',
          '... nor what the owner of its schema owns');
SET LOCAL evently.allow_drop = on;
SELECT is(pg_temp.refusal('DROP OWNED BY evently_pgtap_dba'), 'none', '... unless it is allowed');
SELECT is_empty($$SELECT FROM pg_extension WHERE extname = 'evently'$$, '... and then it is gone');
ROLLBACK TO absent;
CREATE ROLE evently_pgtap_outsider;
SELECT matches(pg_temp.refusal_as('evently_pgtap_outsider', 'CREATE EXTENSION evently'), '^42501 ',
               'refused to a role that is not a superuser');

SELECT * FROM finish();
ROLLBACK;
