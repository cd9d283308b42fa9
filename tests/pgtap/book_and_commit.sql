-- book_and_commit commits, so this file tests only what a transaction can see: its refusals and its
-- catalog entry. C++ tests what it does (tests/sessions/group_commit*_test.cpp).
\ir prelude.psql
SELECT plan(15);

CREATE TEMPORARY TABLE calls (statement) AS VALUES
  ('CALL evently.book_and_commit(-1, -10)'),
  ('CALL evently.book_and_commit(-1, -10, 1, ''k'')'),
  ('CALL evently.book_and_commit(event_id => -10, user_id => -1, idempotency_key => ''k'')');
SELECT matches(pg_temp.refusal(statement),
               '^25001 book_and_commit cannot run inside a transaction block: It commits, and so ',
               statement)
FROM calls;
SELECT matches(pg_temp.refusal_as('evently_booker', statement), '^25001 ',
               format('evently_booker: %s', statement))
FROM calls;
SELECT matches(pg_temp.refusal_as('evently_reader', statement),
               '^42501 permission denied for procedure book_and_commit',
               format('evently_reader: %s', statement))
FROM calls;
SELECT matches(pg_temp.refusal('CALL evently.book_and_commit(NULL, -10, 0)'), '^25001 ',
               'a transaction block is refused before invalid arguments are');

CREATE FUNCTION pg_temp.hint() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  hint text;
BEGIN
  EXECUTE 'CALL evently.book_and_commit(-1, -10)';
EXCEPTION WHEN active_sql_transaction THEN
  GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
  RETURN hint;
END
$$;
SELECT is(pg_temp.hint(), 'Use evently.book, which is part of your transaction.',
          'the hint names book');
SELECT is(pg_temp.inventory(-10), '10/10 v1', 'nothing was booked');

SELECT is(
  (SELECT concat_ws(' ', prokind, prosecdef, proconfig IS NULL, proowner::regrole)
   FROM pg_proc WHERE oid = 'evently.book_and_commit'::regproc),
  'p f t evently_owner',
  'a procedure that commits can neither be SECURITY DEFINER nor pin settings: it does so itself');
SELECT matches(obj_description('evently.book_and_commit'::regproc, 'pg_proc'),
               'Outside a transaction block only', 'its comment says where it can be called');
SELECT is_empty('SELECT * FROM evently.pg_stat_evently_groups', 'no session is left in a group');

SELECT * FROM finish();
ROLLBACK;
