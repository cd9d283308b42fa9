-- Text is data: whatever it says is stored as it is and never becomes a statement, through every text
-- argument of every function that a role may call.
\ir prelude.psql
SELECT plan(5);

CREATE TEMPORARY TABLE payloads (payload) AS VALUES
  ($q$'; DROP TABLE evently.bookings; --$q$), ($q$'); DELETE FROM evently.users; --$q$),
  ($q$"; DROP SCHEMA evently CASCADE; --$q$), ($q$' OR '1'='1$q$),
  ($q$' UNION SELECT email FROM evently.users --$q$),
  ($q$$$; ALTER ROLE evently_admin SUPERUSER; $$$q$), ($q$$1$q$), ($q$%s %I %L %n %1$s$q$),
  ($q$\'; SELECT 1; --$q$), ($q$\x27 OR true --$q$), ($q${"a",NULL}$q$), ($q$NULL$q$),
  ($q$/* */ :name ::text$q$);

-- Each argument with a call that passes it, and a query for what came of it.
CREATE TEMPORARY TABLE doors (function, argument, call, stored) AS VALUES
  ('book', 'idempotency_key', 'SELECT evently.book(-1, -10, 1, $1)',
   'SELECT idempotency_key FROM evently.bookings WHERE user_id = -1'),
  ('book_outcome', 'idempotency_key', 'SELECT evently.book_outcome(-1, -10, 1, $1)',
   'SELECT idempotency_key FROM evently.bookings WHERE user_id = -1'),
  ('book_many', 'idempotency_keys', $$SELECT evently.book_many(-10, '{-1}', '{1}', ARRAY[$1])$$,
   'SELECT idempotency_key FROM evently.bookings WHERE user_id = -1'),
  ('bookings_by_key', 'idempotency_keys',
   $$SELECT evently.book(-1, -10, 1, $1), evently.book(-2, -10, 1, 'other')$$,
   $$SELECT string_agg(b.idempotency_key, ' and ')
     FROM evently.bookings_by_key('{-1,-2}', ARRAY[$1, $1]) k
     JOIN evently.bookings b ON b.id = k.booking_id$$),
  ('create_user', 'email', $$SELECT evently.create_user(translate($1, ' ', '') || '@pgtap.example')$$,
   $$SELECT $1 FROM evently.users
     WHERE email = lower(translate($1, ' ', '')) || '@pgtap.example'$$),
  ('create_user', 'name', $$SELECT evently.create_user('new@pgtap.example', $1)$$,
   $$SELECT name FROM evently.users WHERE email = 'new@pgtap.example'$$),
  ('create_user', 'idempotency_key', $$SELECT evently.create_user('new@pgtap.example', NULL, $1)$$,
   $$SELECT idempotency_key FROM evently.users WHERE email = 'new@pgtap.example'$$),
  ('create_user_once', 'email',
   $$SELECT evently.create_user_once(translate($1, ' ', '') || '@pgtap.example', NULL, NULL)$$,
   $$SELECT $1 FROM evently.users
     WHERE email = lower(translate($1, ' ', '')) || '@pgtap.example'$$),
  ('create_user_once', 'name', $$SELECT evently.create_user_once('new@pgtap.example', $1, NULL)$$,
   $$SELECT name FROM evently.users WHERE email = 'new@pgtap.example'$$),
  ('create_user_once', 'idempotency_key',
   $$SELECT evently.create_user_once('new@pgtap.example', NULL, $1)$$,
   $$SELECT idempotency_key FROM evently.users WHERE email = 'new@pgtap.example'$$),
  ('create_event', 'idempotency_key', $$SELECT evently.create_event('E', '2030-01-01', 1, NULL, $1)$$,
   'SELECT idempotency_key FROM evently.event_keys ORDER BY event_id DESC LIMIT 1'),
  ('create_event_once', 'name', $$SELECT evently.create_event_once($1, '2030-01-01', 1, NULL, 'k', 'o')$$,
   'SELECT name FROM evently.events ORDER BY id DESC LIMIT 1'),
  ('create_event_once', 'venue', $$SELECT evently.create_event_once('E', '2030-01-01', 1, $1, 'k', 'o')$$,
   'SELECT venue FROM evently.events ORDER BY id DESC LIMIT 1'),
  ('create_event_once', 'idempotency_key',
   $$SELECT evently.create_event_once('E', '2030-01-01', 1, NULL, $1, 'o')$$,
   'SELECT idempotency_key FROM evently.event_keys ORDER BY event_id DESC LIMIT 1'),
  ('create_event_once', 'key_owner',
   $$SELECT evently.create_event_once('E', '2030-01-01', 1, NULL, 'k', $1)$$,
   'SELECT key_owner FROM evently.event_keys ORDER BY event_id DESC LIMIT 1'),
  ('create_event', 'name', $$SELECT evently.create_event($1, '2030-01-01', 1)$$,
   'SELECT name FROM evently.events ORDER BY id DESC LIMIT 1'),
  ('create_event', 'venue', $$SELECT evently.create_event('E', '2030-01-01', 1, $1)$$,
   'SELECT venue FROM evently.events ORDER BY id DESC LIMIT 1'),
  ('update_event', 'name', 'SELECT evently.update_event(-10, name => $1)',
   'SELECT name FROM evently.events WHERE id = -10'),
  ('update_event', 'venue', 'SELECT evently.update_event(-10, venue => $1)',
   'SELECT venue FROM evently.events WHERE id = -10');

-- book_and_commit cannot run in this transaction: tests/sessions calls it.
SELECT set_eq(
  $$SELECT p.proname::text, a.name
    FROM pg_proc p,
         unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames,
                coalesce(p.proargmodes, array_fill('i'::"char", ARRAY[p.pronargs::integer])))
           AS a (type, name, mode)
    WHERE p.pronamespace = 'evently'::regnamespace AND p.proname <> 'book_and_commit'
      AND has_function_privilege('evently_admin', p.oid, 'EXECUTE')
      AND a.mode IN ('i', 'b') AND a.type::regtype::text IN ('text', 'text[]')$$,
  'SELECT function, argument FROM doors', 'every text argument is tried');

-- What nothing here has any business to change.
CREATE FUNCTION pg_temp.the_rest() RETURNS text LANGUAGE sql AS $$
  SELECT concat_ws(' ', (SELECT string_agg(u::text, ',' ORDER BY u.id) FROM evently.users u WHERE u.id < 0),
                   (SELECT e::text FROM evently.events e WHERE e.id = -20),
                   (SELECT count(*) FROM evently.bookings b WHERE b.event_id = -20),
                   (SELECT count(*) FROM pg_class WHERE relnamespace = 'evently'::regnamespace),
                   (SELECT string_agg(rolname, ',' ORDER BY rolname) FROM pg_roles WHERE rolsuper))
$$;
-- What was stored, or the SQLSTATE of a refusal. It is undone, so that all begin alike.
CREATE FUNCTION pg_temp.effect(call text, stored text, payload text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  before text := pg_temp.the_rest();
  effect text;
BEGIN
  SET LOCAL ROLE evently_admin;
  EXECUTE call USING payload;
  RESET ROLE;
  EXECUTE stored INTO effect USING payload;
  IF pg_temp.the_rest() IS DISTINCT FROM before THEN
    effect := 'something else changed';
  END IF;
  RAISE SQLSTATE 'ZZ001';
EXCEPTION
  WHEN SQLSTATE 'ZZ001' THEN RETURN effect;
  WHEN OTHERS THEN RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT evently.book(-2, -20, 1, 'k') AS ignored \gset
SELECT is_empty(
  $$SELECT function, argument, payload, effect FROM doors, payloads,
           pg_temp.effect(call, stored, payload) AS effect
    WHERE effect IS DISTINCT FROM payload$$,
  'each text comes back as it went in, and nothing else happens');
-- The same net catches a function that falls for it.
CREATE FUNCTION pg_temp.naive(key text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'SELECT ''' || key || '''';
END
$$;
SELECT isnt_empty(
  $$SELECT payload FROM payloads,
           pg_temp.effect('SELECT pg_temp.naive($1)', 'SELECT $1', payload) AS effect
    WHERE effect IS DISTINCT FROM payload$$,
  'a function that puts text into a statement would be noticed');

-- A refusal quotes what it must and runs nothing of it.
SELECT is_empty(
  $$SELECT payload, refusal FROM payloads,
           pg_temp.refusal(format('SELECT evently.create_user(%L)', payload)) AS refusal
    WHERE refusal !~ '^22023 invalid request: The e-mail address must have the form'$$,
  'no address, no user');
SELECT results_eq('SELECT count(*) FROM evently.bookings WHERE user_id IN (-1, -2)', 'VALUES (1::bigint)',
                  'all of it was undone');

SELECT * FROM finish();
ROLLBACK;
