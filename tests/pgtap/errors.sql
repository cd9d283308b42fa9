-- Each business error as an SQL caller sees it. The C++ table is extension/rules/errors.h.
\ir prelude.psql
SELECT plan(15);

CREATE FUNCTION pg_temp.error_of(code text, OUT state text, OUT message text, OUT detail text,
  OUT hint text)
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM evently.refuse(code, 'A detail.');
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
    detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END
$$;
CREATE TEMPORARY TABLE errors AS
SELECT code, e.* FROM unnest(ARRAY['event-not-found', 'user-not-found', 'booking-not-found',
  'not-enough-seats', 'email-taken',
  'booking-closed', 'idempotency-key-reused', 'capacity-below-booked', 'details-changed',
    'invalid-request'])
  AS code, pg_temp.error_of(code) e;

SELECT results_eq(
  'SELECT state, code, message FROM errors',
  $$VALUES ('TK001', 'event-not-found', 'event does not exist'),
           ('TK002', 'user-not-found', 'user does not exist'),
           ('TK003', 'booking-not-found', 'booking does not exist'),
           ('TK101', 'not-enough-seats', 'not enough seats'),
           ('TK102', 'email-taken', 'e-mail address is taken'),
           ('TK103', 'booking-closed', 'booking is closed'),
           ('TK104', 'idempotency-key-reused', 'idempotency key was used for another request'),
           ('TK105', 'capacity-below-booked', 'capacity is below the seats already booked'),
           ('TK106', 'details-changed', 'event was changed since it was read'),
           ('22023', 'invalid-request', 'invalid request')$$, 'SQLSTATE and message of each');
SELECT is_empty($$SELECT * FROM errors WHERE detail IS DISTINCT FROM 'A detail.'$$,
                'the detail is the caller''s');
SELECT is_empty($$SELECT * FROM errors WHERE message !~ '^[a-z].*[^.]$'$$,
                'messages begin small and end without a full stop');
SELECT is_empty($$SELECT * FROM errors WHERE hint IS NULL OR hint !~ '^[A-Z].*\.$'$$,
                'hints are sentences');
SELECT is(pg_temp.refusal($$SELECT evently.refuse('email-taken')$$),
          'TK102 e-mail address is taken', 'the detail may be left out');
SELECT is(pg_temp.refusal($$SELECT evently.refuse('100% wrong')$$),
          'XX000 there is no business error "100% wrong"',
          'a code that is not in the table is an internal error');
SELECT is(pg_temp.refusal($$SELECT evently.refuse(NULL)$$), 'XX000 refuse needs a code',
          'no code is one, too');
SELECT is(pg_temp.refusal($$SELECT evently.refuse('email-taken', '%s %n 100%')$$),
          'TK102 e-mail address is taken: %s %n 100%',
          'a detail is text, not a format');

-- Hints name objects that exist.
SELECT matches((SELECT hint FROM errors WHERE code = 'event-not-found'), 'evently\.event_list',
               'a missing event: look here');
SELECT matches((SELECT hint FROM errors WHERE code = 'booking-not-found'), 'evently\.booking_list',
               'a missing booking: look here');
SELECT matches((SELECT hint FROM errors WHERE code = 'user-not-found'), 'evently\.create_user',
               'a missing user: do this');
SELECT is_empty(
  $$SELECT named[1] FROM errors, regexp_matches(hint, 'evently\.([a-z_]+)', 'g') named
    WHERE NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'evently'::regnamespace
      AND relname = named[1])
      AND NOT EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'evently'::regnamespace
        AND proname = named[1])$$,
  'whatever a hint names exists');

-- The functions' comments name the errors as the table does.
CREATE TEMPORARY TABLE promised AS
SELECT p.oid::regprocedure AS function, said[1] AS state, said[2] AS code
FROM pg_proc p, regexp_matches(obj_description(p.oid, 'pg_proc'),
  '\m(TK\d{3}|22023) ([a-z]+(?:-[a-z]+)*)', 'g') said
WHERE p.pronamespace = 'evently'::regnamespace
  AND obj_description(p.oid, 'pg_proc') !~ '^Internal\.';
SELECT is_empty('SELECT * FROM promised p WHERE NOT EXISTS (SELECT FROM errors e WHERE (e.state, e.code) = (p.state, p.code))',
                'every error that a comment names is in the table, by that number');
SELECT set_eq('SELECT code FROM promised', 'SELECT code FROM errors',
              'every error of the table is named by some function');
SELECT is_empty(
  $$SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'evently'::regnamespace
      AND obj_description(oid, 'pg_proc') ~ 'Errors:'
        AND oid::regprocedure NOT IN (SELECT function FROM promised)$$,
  'every comment that lists errors gives number and code');

SELECT * FROM finish();
ROLLBACK;
