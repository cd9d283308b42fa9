-- The rights of each role: an allow-list of everything in the schema, so that a new object without a
-- decision fails here; and every role tries every object.
\ir prelude.psql
SELECT plan(92);

CREATE ROLE evently_pgtap_outsider;
CREATE TEMPORARY TABLE roles (role) AS VALUES
  ('public'), ('evently_pgtap_outsider'), ('evently_reader'), ('evently_booker'), ('evently_admin');

-- The least role that has the privilege: each role has what the ones before it have.
CREATE FUNCTION pg_temp.least_role(kind text, object oid, privilege text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  holders text[];
BEGIN
  EXECUTE format('SELECT coalesce(array_agg(role), ''{}'') FROM roles
                  WHERE has_%s_privilege(role, $1, $2)', kind) INTO holders USING object, privilege;
  RETURN CASE holders
    WHEN '{}' THEN 'owner'
    WHEN '{evently_admin}' THEN 'admin'
    WHEN '{evently_booker,evently_admin}' THEN 'booker'
    WHEN '{evently_reader,evently_booker,evently_admin}' THEN 'reader'
    ELSE holders::text END;
END
$$;
-- The decisions, by the least role that may.
CREATE TEMPORARY TABLE callable (name, holder) AS VALUES
  ('analytics()', 'reader'),
  ('book(bigint,bigint,integer,text)', 'booker'),
  ('book_and_commit(bigint,bigint,integer,text,bigint,text,timestamp with time zone,boolean,bigint,integer)', 'booker'),
  ('book_many(bigint,bigint[],integer[],text[])', 'booker'),
  ('book_outcome(bigint,bigint,integer,text)', 'booker'),
  ('bookings_by_key(bigint[],text[])', 'booker'),
  ('cancel(bigint)', 'booker'),
  ('cancel_outcome(bigint)', 'booker'),
  ('check_event(text,text,timestamp with time zone,integer)', 'owner'),
  ('check_idempotency_key(text)', 'owner'),
  ('create_event(text,timestamp with time zone,integer,text,text)', 'admin'),
  ('create_event_once(text,timestamp with time zone,integer,text,text,text)', 'admin'),
  ('create_user(text,text,text)', 'booker'),
  ('create_user_once(text,text,text)', 'booker'),
  ('delete_event(bigint,bigint)', 'admin'),
  ('delete_user(bigint)', 'admin'),
  ('epoch()', 'reader'),
  ('event_bookings(bigint)', 'admin'),
  ('group_requests()', 'reader'),
  ('guard_drop()', 'owner'),
  ('inventory_changed(bigint)', 'owner'),
  ('is_email(text)', 'owner'),
  ('is_label(text)', 'owner'),
  ('is_live(text)', 'owner'),
  ('is_start(timestamp with time zone)', 'owner'),
  ('lock_event(bigint)', 'owner'),
  ('module_version()', 'reader'),
  ('notifier_state()', 'owner'),
  ('reconcile(bigint)', 'admin'),
  ('refund_deleted_bookings()', 'owner'),
  ('refund_truncated_bookings()', 'owner'),
  ('refuse(text,text)', 'owner'),
  ('seed_demo_data()', 'admin'),
  ('set_capacity(bigint,integer)', 'admin'),
  ('statistics()', 'reader'),
  ('status()', 'reader'),
  ('stored_email(text)', 'owner'),
  ('update_event(bigint,text,text,timestamp with time zone,integer,bigint)', 'admin'),
  ('user_bookings(bigint)', 'reader'),
  ('verify(bigint)', 'reader');
CREATE TEMPORARY TABLE readable (name, holder) AS VALUES
  ('booking_accounts', 'admin'),
  ('booking_list', 'reader'),
  ('bookings', 'owner'),
  ('event_keys', 'owner'),
  ('event_list', 'reader'),
  ('events', 'owner'),
  ('inventory', 'reader'),
  ('pg_stat_evently', 'reader'),
  ('pg_stat_evently_groups', 'reader'),
  ('repair_list', 'admin'),
  ('repairs', 'owner'),
  ('user_accounts', 'admin'),
  ('user_list', 'reader'),
  ('users', 'owner');
SELECT set_eq(
  $$SELECT substr(oid::regprocedure::text, 9), pg_temp.least_role('function', oid, 'EXECUTE')
    FROM pg_proc WHERE pronamespace = 'evently'::regnamespace$$,
  'SELECT name, holder FROM callable', 'who may call which function');
SELECT set_eq(
  $$SELECT relname::text COLLATE "default", pg_temp.least_role('table', oid, 'SELECT')
    FROM pg_class WHERE relnamespace = 'evently'::regnamespace AND relkind NOT IN ('i', 'S', 'c')$$,
  'SELECT name, holder FROM readable', 'who may read which table and view');
SELECT is_empty(
  $$SELECT relation.oid::regclass, role, privilege
    FROM pg_class relation, roles,
         unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS privilege
    WHERE relnamespace = 'evently'::regnamespace AND relkind NOT IN ('i', 'S', 'c')
      AND has_table_privilege(role, relation.oid, privilege)$$,
  'only the owner may change a table or view');
SELECT is_empty(
  $$SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'evently'::regnamespace AND attacl IS NOT NULL$$,
  '... nor a column');
SELECT is_empty(
  $$SELECT sequence.oid::regclass, role FROM pg_class sequence, roles
    WHERE relnamespace = 'evently'::regnamespace AND relkind = 'S'
      AND has_sequence_privilege(role, sequence.oid, 'USAGE, SELECT, UPDATE')$$,
  '... nor use a sequence');
SELECT results_eq(
  $$SELECT privilege, pg_temp.least_role('schema', 'evently'::regnamespace, privilege)
    FROM unnest('{USAGE,CREATE}'::text[]) AS privilege$$,
  $$VALUES ('USAGE', 'reader'), ('CREATE', 'owner')$$,
  'who may use the schema, and create in it');

CREATE TEMPORARY TABLE granted AS
SELECT object, owner, privilege.* FROM (
  SELECT oid::regprocedure::text, proowner, coalesce(proacl, acldefault('f', proowner))
  FROM pg_proc WHERE pronamespace = 'evently'::regnamespace
  UNION ALL
  SELECT oid::regclass::text, relowner, relacl
  FROM pg_class WHERE relnamespace = 'evently'::regnamespace
  UNION ALL
  SELECT nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = 'evently'
  UNION ALL
  SELECT oid::regtype::text, typowner, coalesce(typacl, acldefault('T', typowner))
  FROM pg_type WHERE typnamespace = 'evently'::regnamespace AND typtype = 'd'
) AS named (object, owner, acl), aclexplode(acl) AS privilege;
SELECT is_empty('SELECT object, privilege_type FROM granted WHERE grantee = 0',
                'nothing is granted to PUBLIC');
SELECT is_empty('SELECT object, grantee::regrole FROM granted WHERE is_grantable AND grantee <> owner',
                'no role may grant its rights to others');

-- Owners.
SELECT is_empty(
  $$SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = 'evently'::regnamespace AND relowner <> 'evently_owner'::regrole
    UNION ALL
    SELECT oid::regprocedure::text FROM pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND proowner <> 'evently_owner'::regrole
      AND proname <> 'guard_drop'
    UNION ALL
    SELECT oid::regtype::text FROM pg_type
    WHERE typnamespace = 'evently'::regnamespace AND typowner <> 'evently_owner'::regrole$$,
  'all in the schema belongs to evently_owner');
SELECT is_empty(
  $$SELECT rolname FROM pg_roles
    WHERE rolname IN ('evently_owner', 'evently_reader', 'evently_booker', 'evently_admin')
      AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
           OR rolcanlogin)$$,
  'no role of the extension has a power of its own, or logs in');
SELECT results_eq(
  $$SELECT role, string_agg(other, ' ' ORDER BY other) AS acts_as
    FROM (VALUES ('admin'), ('booker'), ('owner'), ('reader')) AS ours (role),
         (VALUES ('admin'), ('booker'), ('owner'), ('reader')) AS others (other)
    WHERE role <> other AND pg_has_role('evently_' || role, 'evently_' || other, 'MEMBER')
    GROUP BY role ORDER BY role$$,
  $$VALUES ('admin', 'booker reader'), ('booker', 'reader')$$,
  'an admin is a booker, a booker is a reader, and no role is a member of the owner');
SELECT is_empty(
  $$SELECT roleid::regrole FROM pg_auth_members WHERE member = 'evently_owner'::regrole$$,
  'the owner is a member of nothing');

-- Tried, as each role.
SELECT evently.book(-1, -10, 1, 'k') AS ignored \gset
SELECT evently.book(-1, -10, 1, 'secret-key') AS ignored \gset
SELECT matches(pg_temp.refusal_as('evently_pgtap_outsider', statement),
               '^42501 permission denied for schema evently',
               format('a stranger may not: %s', statement))
FROM unnest(ARRAY[
  'SELECT * FROM evently.event_list',
  'SELECT * FROM evently.events',
  'SELECT evently.book(-1, -10)',
  'SELECT evently.status()',
  'SELECT evently.epoch()'
]) AS statement;

SELECT is(pg_temp.refusal_as(role, statement), 'none', format('%s may: %s', role, statement))
FROM unnest(ARRAY['evently_reader', 'evently_booker', 'evently_admin']) AS role,
     unnest(ARRAY[
  'SELECT * FROM evently.event_list',
  'SELECT * FROM evently.booking_list',
  'SELECT * FROM evently.user_list',
  'SELECT * FROM evently.inventory',
  'SELECT * FROM evently.user_bookings(-1)',
  'SELECT * FROM evently.analytics()',
  'SELECT * FROM evently.verify()',
  'SELECT * FROM evently.status()',
  'SELECT evently.epoch()'
]) AS statement;
SELECT is(pg_temp.refusal_as(role, statement), 'none', format('%s may: %s', role, statement))
FROM unnest(ARRAY['evently_booker', 'evently_admin']) AS role,
     unnest(ARRAY[
  'SELECT evently.book(-1, -10)',
  'SELECT evently.book_outcome(-1, -10)',
  $$SELECT evently.book_many(-10, '{-1}', '{1}')$$,
  'SELECT evently.cancel(id) FROM evently.booking_list WHERE user_id = -1',
  'SELECT evently.cancel_outcome(id) FROM evently.booking_list WHERE user_id = -1',
  $$SELECT evently.bookings_by_key('{-1}', '{k}')$$,
  format($$SELECT evently.create_user('%s@pgtap.example')$$, role)
]) AS statement;
SELECT is(pg_temp.refusal_as('evently_admin', statement), 'none',
          format('evently_admin may: %s', statement))
FROM unnest(ARRAY[
  'SELECT * FROM evently.user_accounts',
  'SELECT * FROM evently.event_bookings(-10)',
  $$SELECT evently.create_event('E', now(), 1)$$,
  'SELECT evently.set_capacity(-20, 20)',
  'SELECT evently.reconcile(-20)',
  'SELECT * FROM evently.repair_list',
  $$SELECT evently.update_event(-20, name => 'E', capacity => 21)$$,
  'SELECT evently.seed_demo_data()',
  'SELECT evently.delete_event(-20)',
  'SELECT evently.delete_user(-2)'
]) AS statement;

-- Every role tries every function with nulls for arguments (a strict one, which nulls do not
-- reach, with a value), and every table and view by every verb. What is allowed may fail for other
-- reasons; what is not allowed fails for want of the right.
CREATE FUNCTION pg_temp.may(role text, holder text) RETURNS boolean LANGUAGE sql AS $$
  SELECT coalesce(array_position(ladder, role) >= array_position(ladder, 'evently_' || holder), false)
  FROM (VALUES (ARRAY['evently_reader', 'evently_booker', 'evently_admin'])) AS ours (ladder)
$$;
CREATE TEMPORARY TABLE calls AS
SELECT substr(p.oid::regprocedure::text, 9) AS name,
       format('%s evently.%I(%s)', CASE p.prokind WHEN 'p' THEN 'CALL' ELSE 'SELECT' END, p.proname,
              (SELECT string_agg(format('%L::%s', CASE WHEN p.proisstrict THEN '0' END,
                                        argument::regtype), ', ')
               FROM unnest(p.proargtypes) AS argument)) AS statement
FROM pg_proc p WHERE p.pronamespace = 'evently'::regnamespace;
CREATE TEMPORARY TABLE answers AS
SELECT role, statement, pg_temp.may(role, holder) AS allowed,
       pg_temp.refusal_as(role, statement) AS refusal
FROM roles, calls JOIN callable USING (name) WHERE role <> 'public';
SELECT results_eq('SELECT count(*) FROM answers',
                  $$SELECT 4 * count(*) FROM pg_proc WHERE pronamespace = 'evently'::regnamespace$$,
                  'every role tried every function');
SELECT is_empty(
  $$SELECT * FROM answers
    WHERE NOT allowed AND refusal !~ '^42501 permission denied for (function|procedure|schema) '$$,
  'a role that may not call a function is refused before the function does anything');
SELECT is_empty($$SELECT * FROM answers WHERE allowed AND refusal ~ 'permission denied'$$,
                '... and a role that may call it needs no other right');

CREATE TEMPORARY TABLE verbs (verb, statement) AS VALUES
  ('read', 'SELECT * FROM evently.%I LIMIT 0'), ('lock', 'SELECT FROM evently.%I FOR SHARE'),
  ('write', 'INSERT INTO evently.%I DEFAULT VALUES'), ('write', 'DELETE FROM evently.%I'),
  ('write', 'UPDATE evently.%I SET %I = NULL'), ('write', 'TRUNCATE evently.%I'),
  ('write', 'LOCK TABLE evently.%I IN ACCESS EXCLUSIVE MODE'),
  ('write', 'ALTER TABLE evently.%I OWNER TO CURRENT_USER'),
  ('write', 'CREATE TRIGGER mine AFTER INSERT ON evently.%I EXECUTE FUNCTION tsvector_update_trigger()');
CREATE TEMPORARY TABLE attempts AS
SELECT role, name, tried, verb = 'read' AND pg_temp.may(role, holder) AS allowed,
       pg_temp.refusal_as(role, tried) AS refusal
FROM roles, readable, verbs,
     LATERAL (SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('evently.' || name)
              ORDER BY attnum DESC LIMIT 1) AS last_column,
     LATERAL format(statement, name, attname) AS tried
WHERE role <> 'public';
SELECT results_eq(
  'SELECT count(*) FROM attempts',
  $$SELECT 4 * (SELECT count(*) FROM verbs) * count(*) FROM pg_class
    WHERE relnamespace = 'evently'::regnamespace AND relkind NOT IN ('i', 'S', 'c')$$,
  'every role tried everything on every table and view');
-- Some views cannot be written by any role, and that error comes first.
SELECT is_empty(
  $$SELECT * FROM attempts WHERE NOT allowed
      AND refusal !~ '^(42501 (permission denied for|must be owner of)|55000 cannot|0A000 cannot|42809 )'$$,
  'a role that may not read or write a table is refused');
SELECT is_empty($$SELECT * FROM attempts WHERE allowed AND refusal <> 'none'$$,
                '... and a role that may read it reads it');

-- E-mail addresses and keys are for admins: nothing that a lesser role can read holds one.
CREATE FUNCTION pg_temp.seen_by(role text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seen text := '';
  rows text;
  source text;
BEGIN
  FOR source IN SELECT name FROM readable WHERE pg_temp.may(role, holder) AND name !~ '^pg_stat'
                UNION ALL VALUES ('user_bookings(-1)'), ('analytics()'), ('verify()'), ('status()')
  LOOP
    EXECUTE format('SET LOCAL ROLE %I', role);
    EXECUTE format('SELECT string_agg(r::text, '' '') FROM evently.%s r', source) INTO rows;
    RESET ROLE;
    seen := seen || coalesce(rows, '');
  END LOOP;
  RETURN seen;
END
$$;
SELECT doesnt_match(pg_temp.seen_by(role), '@|secret-key',
                    format('%s sees no address and no key', role))
FROM unnest(ARRAY['evently_reader', 'evently_booker']) AS role;
SELECT matches(pg_temp.seen_by('evently_admin'), 'ann@pgtap.example', 'an admin sees addresses');
SELECT set_eq(
  $$SELECT name FROM readable JOIN pg_attribute ON attrelid = to_regclass('evently.' || name)
    WHERE attname ~ 'email' AND holder <> 'owner'$$,
  $$VALUES ('user_accounts'), ('booking_accounts')$$, 'two views have a column for them');

-- The highest role cannot bypass the rules either.
SELECT matches(pg_temp.refusal_as('evently_admin', statement),
               '^42501 (permission denied for|must be owner of)',
               format('evently_admin may not: %s', statement))
FROM unnest(ARRAY[
  'SELECT * FROM evently.bookings',
  'UPDATE evently.events SET seats_available = capacity',
  'UPDATE evently.event_list SET seats_available = capacity',
  $$UPDATE evently.booking_list SET status = 'CANCELLED'$$,
  'INSERT INTO evently.booking_list (user_id, event_id, seats) VALUES (-1, -10, 1)',
  'DELETE FROM evently.booking_list',
  'TRUNCATE evently.bookings',
  'ALTER TABLE evently.events DISABLE TRIGGER ALL',
  'DROP TABLE evently.bookings CASCADE',
  $$SELECT nextval('evently.bookings_id_seq')$$,
  'SELECT evently.inventory_changed(-10)',
  'SELECT evently.lock_event(-10)',
  $$SELECT evently.refuse('email-taken')$$,
  'CREATE TABLE evently.mine ()'
]) AS statement;

SELECT * FROM finish();
ROLLBACK;
