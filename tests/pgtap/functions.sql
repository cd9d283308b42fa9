-- Every function with its marks: a new one without a decision fails here.
\ir prelude.psql
SELECT plan(26);

SELECT results_eq(
  $$SELECT substr(p.oid::regprocedure::text, 9),
           concat_ws(' ', l.lanname,
                     CASE p.provolatile WHEN 'v' THEN 'volatile' WHEN 's' THEN 'stable'
                       ELSE 'immutable' END,
                     CASE p.proparallel WHEN 'u' THEN 'unsafe' WHEN 'r' THEN 'restricted'
                       ELSE 'safe' END,
                     CASE WHEN p.proisstrict THEN 'strict' END,
                     CASE WHEN p.prosecdef THEN 'definer' END) COLLATE "default"
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
    WHERE p.pronamespace = 'evently'::regnamespace
      ORDER BY substr(p.oid::regprocedure::text, 9) COLLATE "C"$$,
  $$VALUES
    ('analytics()', 'sql stable safe definer'),
    ('book(bigint,bigint,integer,text)', 'c volatile unsafe definer'),
    ('book_and_commit(bigint,bigint,integer,text,bigint,text,timestamp with time zone,boolean,bigint,integer)',
      'c volatile unsafe'),
    ('book_many(bigint,bigint[],integer[],text[])', 'c volatile unsafe definer'),
    ('book_outcome(bigint,bigint,integer,text)', 'c volatile unsafe definer'),
    ('bookings_by_key(bigint[],text[])', 'sql stable safe definer'),
    ('cancel(bigint)', 'c volatile unsafe definer'),
    ('cancel_outcome(bigint)', 'c volatile unsafe definer'),
    ('check_event(text,text,timestamp with time zone,integer)', 'plpgsql volatile safe'),
    ('check_idempotency_key(text)', 'plpgsql volatile safe'),
    ('create_event(text,timestamp with time zone,integer,text,text)', 'plpgsql volatile unsafe definer'),
    ('create_event_once(text,timestamp with time zone,integer,text,text,text)', 'plpgsql volatile unsafe definer'),
    ('create_user(text,text,text)', 'plpgsql volatile unsafe definer'),
    ('create_user_once(text,text,text)', 'plpgsql volatile unsafe definer'),
    ('delete_event(bigint,bigint)', 'plpgsql volatile unsafe definer'),
    ('delete_user(bigint)', 'plpgsql volatile unsafe definer'),
    ('epoch()', 'sql stable safe definer'),
    ('event_bookings(bigint)', 'sql stable safe'),
    ('group_requests()', 'c volatile safe'),
    ('guard_drop()', 'c volatile unsafe'),
    ('inventory_changed(bigint)', 'c volatile unsafe strict'),
    ('is_email(text)', 'sql immutable safe'),
    ('is_label(text)', 'c immutable safe strict'),
    ('is_live(text)', 'sql immutable safe'),
    ('is_start(timestamp with time zone)', 'sql immutable safe'),
    ('lock_event(bigint)', 'c volatile unsafe strict'),
    ('module_version()', 'c stable safe'),
    ('notifier_state()', 'c stable safe'),
    ('reconcile(bigint)', 'plpgsql volatile unsafe definer'),
    ('refund_deleted_bookings()', 'plpgsql volatile unsafe definer'),
    ('refund_truncated_bookings()', 'plpgsql volatile unsafe definer'),
    ('refuse(text,text)', 'c volatile safe'),
    ('seed_demo_data()', 'plpgsql volatile unsafe definer'),
    ('set_capacity(bigint,integer)', 'c volatile unsafe definer'),
    ('statistics()', 'c volatile safe'),
    ('status()', 'sql stable safe definer'),
    ('stored_email(text)', 'c immutable safe strict'),
    ('update_event(bigint,text,text,timestamp with time zone,integer,bigint)',
      'plpgsql volatile unsafe definer'),
    ('user_bookings(bigint)', 'sql stable safe'),
    ('verify(bigint)', 'sql stable safe definer')$$,
  'functions, their language, volatility, parallel safety and whose rights they have');

SELECT is_empty(
  $$SELECT oid::regprocedure, proconfig FROM pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND prosecdef
      AND proconfig IS DISTINCT FROM CASE
        WHEN proname IN ('book', 'book_outcome', 'book_many', 'cancel', 'cancel_outcome', 'set_capacity')
        THEN ARRAY['search_path=pg_catalog, pg_temp', 'enable_seqscan=off', 'enable_bitmapscan=off']
        ELSE ARRAY['search_path=pg_catalog, pg_temp'] END$$,
  'every SECURITY DEFINER function pins its search_path, temporary tables last, and nothing else but what plans need');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND prosecdef
      AND proowner <> 'evently_owner'::regrole$$,
  '... and has the rights of evently_owner');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'evently'::regnamespace
      AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
      AND NOT prosecdef AND prosqlbody IS NULL$$,
  'every SQL function that runs with its caller''s rights has its names fixed at creation');

SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND prosrc ~* '\mexecute\M'$$,
  'no function puts a statement together from text');

-- Names and defaults of arguments and names of columns are part of the contract.
CREATE FUNCTION pg_temp.signature(function_name text) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s -> %s', pg_get_function_arguments(oid), pg_get_function_result(oid))
  FROM pg_proc WHERE pronamespace = 'evently'::regnamespace AND proname = function_name
$$;
SELECT is(pg_temp.signature(name), signature, format('the signature of %s', name))
FROM (VALUES
  ('book',
    'user_id bigint, event_id bigint, seats integer DEFAULT 1, '
    'idempotency_key text DEFAULT NULL::text -> evently.bookings'),
  ('book_and_commit',
    'IN user_id bigint, IN event_id bigint, IN seats integer DEFAULT 1, '
    'IN idempotency_key text DEFAULT NULL::text, INOUT booking_id bigint DEFAULT NULL::bigint, '
    'INOUT status text DEFAULT NULL::text, '
    'INOUT created_at timestamp with time zone DEFAULT NULL::timestamp with time zone, '
    'INOUT replayed boolean DEFAULT NULL::boolean, INOUT version bigint DEFAULT NULL::bigint, '
    'INOUT seats_available integer DEFAULT NULL::integer -> '),
  ('book_many',
    'event_id bigint, user_ids bigint[], seats integer[], '
    'idempotency_keys text[] DEFAULT NULL::text[], OUT "position" integer, OUT outcome text, '
    'OUT sqlstate text, OUT message text, OUT booking_id bigint, OUT user_id bigint, '
    'OUT event_id bigint, OUT seats integer, OUT status text, '
    'OUT created_at timestamp with time zone, OUT version bigint, OUT seats_available integer '
    '-> SETOF record'),
  ('book_outcome',
    'user_id bigint, event_id bigint, seats integer DEFAULT 1, '
    'idempotency_key text DEFAULT NULL::text, OUT booking_id bigint, OUT user_id bigint, '
    'OUT event_id bigint, OUT seats integer, OUT status text, '
    'OUT created_at timestamp with time zone, OUT replayed boolean, OUT version bigint, '
    'OUT seats_available integer -> record'),
  ('bookings_by_key',
    'user_ids bigint[], idempotency_keys text[], OUT "position" integer, '
    'OUT booking_id bigint, OUT user_id bigint, OUT event_id bigint, OUT seats integer, '
    'OUT status text, OUT created_at timestamp with time zone -> SETOF record'),
  ('cancel', 'booking_id bigint -> evently.bookings'),
  ('cancel_outcome',
    'booking_id bigint, OUT booking_id bigint, OUT event_id bigint, OUT status text, '
    'OUT changed boolean, OUT version bigint, OUT seats_available integer -> record'),
  ('set_capacity', 'event_id bigint, capacity integer -> evently.events'),
  ('create_user', 'email text, name text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text -> evently.users'),
  ('create_event',
    'name text, start_at timestamp with time zone, capacity integer, '
    'venue text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text -> evently.events'),
  ('update_event',
    'event_id bigint, name text DEFAULT NULL::text, venue text DEFAULT NULL::text, '
    'start_at timestamp with time zone DEFAULT NULL::timestamp with time zone, '
    'capacity integer DEFAULT NULL::integer, '
    'expected_details_version bigint DEFAULT NULL::bigint -> evently.events'),
  ('delete_event', 'event_id bigint, expected_details_version bigint DEFAULT NULL::bigint -> evently.events'),
  ('delete_user', 'user_id bigint -> evently.users'),
  ('user_bookings',
    'user_id bigint -> TABLE(id bigint, event_id bigint, seats integer, status text, '
    'created_at timestamp with time zone)'),
  ('event_bookings',
    'event_id bigint -> TABLE(booking_id bigint, user_id bigint, user_email text, '
    'user_name text, seats integer, status text, created_at timestamp with time zone)'),
  ('analytics',
    ' -> TABLE(event_id bigint, name text, total_confirmed_bookings bigint, '
    'confirmed_seats bigint, capacity integer, seats_available integer, '
    'capacity_utilization_pct numeric)'),
  ('verify',
    'event_id bigint DEFAULT NULL::bigint -> TABLE(invariant text, event_id bigint, '
    'booking_id bigint, detail text)'),
  ('reconcile',
    'event_id bigint, OUT changed boolean, OUT capacity integer, OUT seats_before integer, '
    'OUT seats_after integer, OUT violations_left bigint -> record'),
  ('status',
    ' -> TABLE(version text, module_version text, worker text)'),
  ('epoch', ' -> text'),
  ('seed_demo_data', ' -> TABLE(users bigint, events bigint, bookings bigint)')
) AS promised (name, signature);

SELECT * FROM finish();
ROLLBACK;
