-- A caller's search_path, temporary objects, operators, casts and types do not change what the functions
-- do, and none of the caller's code runs with the owner's rights. All of it is set up before the first call,
-- which makes the plans that the session keeps.
\ir prelude.psql
SELECT plan(35);

CREATE SCHEMA hostile;
GRANT ALL ON SCHEMA hostile TO evently_admin;
-- The caller's own functions record here which role ran them; the owner could write here.
CREATE TABLE hostile.ran_as (who text);
GRANT USAGE ON SCHEMA hostile TO PUBLIC;
GRANT ALL ON hostile.ran_as TO PUBLIC;
SET LOCAL ROLE evently_admin;

-- Operators and functions of exactly our argument types, which would be preferred.
CREATE FUNCTION hostile.add(bigint, integer) RETURNS bigint LANGUAGE sql AS 'SELECT -1000::bigint';
CREATE FUNCTION hostile.add(integer, integer) RETURNS integer LANGUAGE sql AS 'SELECT -1000';
CREATE FUNCTION hostile.yes(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION hostile.no(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE FUNCTION hostile.no(timestamptz, timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR hostile.+ (FUNCTION = hostile.add, LEFTARG = bigint, RIGHTARG = integer);
CREATE OPERATOR hostile.+ (FUNCTION = hostile.add, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR hostile.= (FUNCTION = hostile.yes, LEFTARG = bigint, RIGHTARG = bigint);
CREATE OPERATOR hostile.<> (FUNCTION = hostile.yes, LEFTARG = bigint, RIGHTARG = bigint);
CREATE OPERATOR hostile.= (FUNCTION = hostile.no, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR hostile.<= (FUNCTION = hostile.no, LEFTARG = timestamptz, RIGHTARG = timestamptz);
CREATE FUNCTION hostile.lower(text) RETURNS text LANGUAGE sql AS $$SELECT 'stolen@pgtap.example'$$;
CREATE FUNCTION hostile.btrim(text) RETURNS text LANGUAGE sql AS $$SELECT 'stolen'$$;
CREATE FUNCTION hostile.format(text, integer, integer, integer,
  bigint) RETURNS text LANGUAGE sql AS $$SELECT 'stolen'$$;
CREATE FUNCTION hostile.is_live(text) RETURNS boolean LANGUAGE sql AS 'SELECT false';
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$SELECT 'infinity'::timestamptz$$;
CREATE FUNCTION hostile.sum_of(numeric, integer) RETURNS numeric LANGUAGE sql AS 'SELECT 1000.0';
CREATE AGGREGATE hostile.sum(integer) (SFUNC = hostile.sum_of, STYPE = numeric, INITCOND = '0');
CREATE TEMPORARY TABLE users (id bigint, email text, name text, created_at timestamptz);
CREATE TEMPORARY TABLE events (id bigint, capacity integer, seats_available integer,
  start_at timestamptz, version bigint);
CREATE TEMPORARY TABLE bookings (id bigint, user_id bigint, event_id bigint, seats integer,
  status text, idempotency_key text);
CREATE TEMPORARY TABLE booking_list (LIKE bookings);
CREATE FUNCTION pg_temp.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT '-infinity'::timestamptz$$;
-- Objects that record which role runs them: operators, a cast, a function that PL/pgSQL and SQL bodies call by name.
CREATE FUNCTION hostile.note() RETURNS boolean LANGUAGE sql AS
  'INSERT INTO hostile.ran_as VALUES (current_user) RETURNING true';
CREATE FUNCTION hostile.less(bigint, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.note()';
CREATE FUNCTION hostile.matches(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT hostile.note()';
CREATE FUNCTION hostile.octet_length(text) RETURNS integer LANGUAGE sql AS
  'SELECT hostile.note()::integer';
CREATE OPERATOR hostile.> (FUNCTION = hostile.less, LEFTARG = bigint, RIGHTARG = bigint);
CREATE OPERATOR hostile.- (FUNCTION = hostile.add, LEFTARG = integer, RIGHTARG = integer);
CREATE OPERATOR hostile.~ (FUNCTION = hostile.matches, LEFTARG = text, RIGHTARG = text);
CREATE TYPE hostile.disguise AS (id bigint);
CREATE FUNCTION hostile.unmask(hostile.disguise) RETURNS bigint LANGUAGE sql AS
  'SELECT CASE WHEN hostile.note() THEN ($1).id END';
CREATE FUNCTION hostile.unmask_text(hostile.disguise) RETURNS text LANGUAGE sql AS
  $$SELECT CASE WHEN hostile.note() THEN 'disguise@pgtap.example' END$$;
CREATE CAST (hostile.disguise AS bigint) WITH FUNCTION hostile.unmask AS IMPLICIT;
CREATE CAST (hostile.disguise AS text) WITH FUNCTION hostile.unmask_text AS IMPLICIT;
-- Types and domains by the names that the functions declare their variables with: none holds a value.
CREATE DOMAIN hostile.text AS pg_catalog.text CHECK (false);
CREATE DOMAIN hostile.record AS pg_catalog.int4 CHECK (false);
CREATE DOMAIN hostile.timestamptz AS pg_catalog.timestamptz CHECK (false);
CREATE DOMAIN hostile.label AS pg_catalog.text CHECK (false);
CREATE DOMAIN pg_temp.int8 AS pg_catalog.int8 CHECK (false);
CREATE DOMAIN pg_temp.text AS pg_catalog.text CHECK (false);
CREATE DOMAIN pg_temp.start_time AS pg_catalog.timestamptz CHECK (false);
SET LOCAL search_path = hostile, pg_temp, public, pg_catalog, evently;

-- The hostile path is in force: plain SQL falls for it.
SELECT 1 + 1 AS sum \gset
SELECT 1::bigint > 1::bigint AS note \gset
RESET ROLE;
SET LOCAL search_path = public, pg_catalog, pg_temp;
SELECT is(:sum, -1000, 'an unqualified + is the hostile one');
SELECT throws_ok($$SELECT ''::hostile.text$$, '23514', NULL, 'a hostile type holds no value');
SELECT results_eq('SELECT who FROM hostile.ran_as', $$VALUES ('evently_admin')$$,
                  'a hostile function notes who ran it');

-- Each call as the role, under the hostile path and settings that change how SQL is read; pgTAP itself
-- needs its own back to compare.
CREATE FUNCTION pg_temp.hostile_call(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  SET LOCAL ROLE evently_admin;
  SET LOCAL search_path = hostile, pg_temp, public, pg_catalog, evently;
  SET LOCAL standard_conforming_strings = off;
  SET LOCAL transform_null_equals = on;
  SET LOCAL DateStyle = 'German';
  SET LOCAL TimeZone = 'Asia/Kathmandu';
  EXECUTE call INTO result;
  SET LOCAL standard_conforming_strings TO DEFAULT;
  SET LOCAL transform_null_equals TO DEFAULT;
  SET LOCAL DateStyle TO DEFAULT;
  SET LOCAL TimeZone TO DEFAULT;
  SET LOCAL search_path = public, pg_catalog, pg_temp;
  RESET ROLE;
  RETURN result;
END
$$;

SELECT is(pg_temp.hostile_call($$SELECT event_id || ' ' || seats || ' ' || status || ' ' || replayed
          || ' ' || version || ' ' || seats_available
                                 FROM evently.book_outcome(-1, -10, 4, 'k')$$),
          '-10 4 CONFIRMED false 2 6', 'book books');
SELECT is(pg_temp.inventory(-10), '6/10 v2', '... by the true operators');
SELECT is(pg_temp.hostile_call($$SELECT replayed || ' ' || status
          FROM evently.book_outcome(-1, -10, 4, 'k')$$),
          'true CONFIRMED', 'a repeat is recognised');
SELECT is(pg_temp.hostile_call($$SELECT replayed FROM evently.book_outcome(-1, -10, 1, 'K')$$),
          'false',
          '... and another key is not');
SELECT throws_ok($$SELECT pg_temp.hostile_call('SELECT evently.book(-99, -10)')$$, 'TK002', NULL,
                 'a missing user is missed');
SELECT throws_ok($$SELECT pg_temp.hostile_call('SELECT evently.book(-1, -99)')$$, 'TK001', NULL,
                 'a missing event is missed');
SELECT throws_ok($$SELECT pg_temp.hostile_call('SELECT evently.book(-1, -30)')$$, 'TK103', NULL,
                 'a closed event is closed');
SELECT throws_ok($$SELECT pg_temp.hostile_call('SELECT evently.book(-1, -10, 6)')$$, 'TK101', NULL,
                 'seats are counted');
SELECT is(pg_temp.hostile_call($$SELECT "position"
          FROM evently.bookings_by_key('{-1,-1}', '{x,k}')$$), '2', 'keys are looked up');
SELECT is(pg_temp.hostile_call('SELECT changed || '' '' || seats_available FROM evently.cancel_outcome(
             (SELECT id FROM evently.booking_list WHERE user_id OPERATOR(pg_catalog.=) -1
               ORDER BY id LIMIT 1))'),
          'true 9', 'cancel gives back');
SELECT is(pg_temp.hostile_call('SELECT seats_available || ''/'' || capacity || '' v'' || version FROM evently.set_capacity(-10, 5)'),
          '4/5 v5', 'set_capacity counts');
SELECT is(pg_temp.hostile_call($$SELECT email || ' ' || name
          FROM evently.create_user(' Carol@PGTAP.example', ' Carol ')$$),
          'carol@pgtap.example Carol', 'create_user trims by the true functions');
SELECT is(pg_temp.hostile_call($$SELECT name || ' ' || seats_available
          FROM evently.create_event(' E ', '2030-01-01', 3)$$),
          'E 3', 'create_event trims by the true functions');
SELECT is(pg_temp.hostile_call($$SELECT name || ' ' || capacity || ' ' || details_version
          FROM evently.update_event(-10, name => ' F ', capacity => 6)$$),
          'F 6 3', 'update_event counts');
SELECT throws_ok($$SELECT pg_temp.hostile_call('SELECT evently.update_event(-10, expected_details_version => 2)')$$, 'TK106', NULL,
                 '... and compares');
SELECT is(pg_temp.hostile_call('SELECT confirmed_seats || '' '' || capacity_utilization_pct FROM evently.analytics() WHERE event_id OPERATOR(pg_catalog.=) -10'),
          '1 16.67', 'analytics adds up');
SELECT is(pg_temp.hostile_call('SELECT count(*) FROM evently.verify(-10)'), '0',
          'verify is silent');
UPDATE evently.events SET seats_available = 0 WHERE id = -20;
SELECT is(pg_temp.hostile_call('SELECT detail FROM evently.verify(-20)'),
          'capacity 10 less 0 available is 10, but live bookings hold 0 seats',
            '... unless something is wrong');
UPDATE evently.events SET seats_available = 10 WHERE id = -20;
SELECT is(pg_temp.hostile_call('SELECT string_agg(id::pg_catalog.text || status, '','' ORDER BY id) FROM evently.user_bookings(-1)'),
          (SELECT string_agg(id::pg_catalog.text || status, ',' ORDER BY id) FROM evently.bookings
            WHERE user_id = -1),
          'a history is the true one');
SELECT is(pg_temp.hostile_call('SELECT module_version FROM evently.status()'),
          evently.module_version(), 'status answers');
SELECT is(pg_temp.hostile_call($$SELECT string_agg(outcome, ',') FROM evently.book_many(-20,
            '{-1,-1,-99}', '{1,1,1}', '{b,b,b}')$$), 'booked,replayed,refused', 'book_many decides');
UPDATE evently.events SET seats_available = 0 WHERE id = -20;
SELECT is(pg_temp.hostile_call($$SELECT changed || ' ' || seats_after
            FROM evently.reconcile(-20)$$), 'true 9', 'reconcile counts');
SELECT is(pg_temp.hostile_call($$SELECT count(*) FROM evently.epoch()$$), '1', 'epoch answers');
-- A cast runs as the caller, before the function is entered.
SELECT is(pg_temp.hostile_call('SELECT seats FROM evently.book(ROW(-1)::hostile.disguise, -20)'), '1',
          'a disguised id is unmasked');
SELECT is(pg_temp.hostile_call('SELECT email FROM evently.create_user(ROW(-1)::hostile.disguise)'),
          'disguise@pgtap.example', '... and a disguised address');
SELECT is(pg_temp.hostile_call('SELECT id FROM evently.delete_user(-1)'), '-1',
          'delete_user deletes one');
SELECT is(pg_temp.inventory(-10), '6/6 v7', '... and refunds by the true operators');
SELECT is((SELECT count(*) FROM evently.users WHERE id = -2), 1::bigint, '... and no other');
SELECT is(pg_temp.hostile_call('SELECT id FROM evently.delete_event(-20)'), '-20',
          'delete_event deletes one');
SELECT is((SELECT count(*) FROM evently.events WHERE id = -10), 1::bigint, '... and no other');
SELECT ok((SELECT count(*) FROM hostile.ran_as) > 1, 'casts ran');
SELECT is_empty($$SELECT * FROM hostile.ran_as WHERE who <> 'evently_admin'$$,
                'nothing hostile ran as another role than its caller');

SELECT * FROM finish();
ROLLBACK;
