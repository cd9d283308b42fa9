-- Row-level security is not used today: only the owner may read or write a table. Should several
-- organisers need it, this shows what a policy has to allow: row security forced on every table applies to
-- every function, and with a policy for evently_owner all functions work as before.
\ir prelude.psql
SELECT plan(35);

SELECT is_empty(
  $$SELECT oid::regclass FROM pg_class
    WHERE relnamespace = 'evently'::regnamespace AND (relrowsecurity OR relforcerowsecurity)$$,
  'it is off');
SELECT evently.book(-1, -20, 1, 'old') AS ignored \gset

CREATE FUNCTION pg_temp.on_each_table(command text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  relation regclass;
BEGIN
  FOR relation IN SELECT oid FROM pg_class
                  WHERE relnamespace = 'evently'::regnamespace AND relkind = 'r' LOOP
    EXECUTE format(command, relation);
  END LOOP;
END
$$;
-- What the service's role gets, without a superuser's privilege to bypass policies.
CREATE FUNCTION pg_temp.answer(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  answer text;
BEGIN
  SET LOCAL ROLE evently_admin;
  EXECUTE query INTO answer;
  RESET ROLE;
  RETURN answer;
END
$$;

SELECT pg_temp.on_each_table('ALTER TABLE %s ENABLE ROW LEVEL SECURITY') AS ignored,
       pg_temp.on_each_table('ALTER TABLE %s FORCE ROW LEVEL SECURITY') AS ignored_too \gset ignored_
SAVEPOINT forced;
SELECT matches(pg_temp.refusal_as('evently_admin', statement), refusal,
               format('without a policy: %s', statement))
FROM (VALUES ('SELECT evently.book(-1, -10)', '^TK001 '),
             ($$SELECT evently.create_user('new@pgtap.example')$$, '^42501 .*row-level security'),
             ($$SELECT evently.create_event('E', '2030-01-01', 1)$$, '^42501 .*row-level security'),
             ('SELECT evently.delete_user(-1)', '^TK002 '),
             ('SELECT evently.reconcile(-20)', '^TK001 ')) AS tried (statement, refusal);
SELECT is(pg_temp.answer('SELECT count(*) FROM evently.' || name), '0',
          format('without a policy %s is empty', name))
FROM unnest(ARRAY['event_list', 'booking_list', 'user_list', 'user_accounts', 'booking_accounts',
                  'inventory']) AS name;
ROLLBACK TO forced;

SELECT pg_temp.on_each_table('CREATE POLICY owner ON %s TO evently_owner USING (true)') AS ignored \gset
SELECT is(pg_temp.answer(call), answer, format('with a policy for the owner: %s', call))
FROM (VALUES
  ($$SELECT replayed || ' ' || seats_available FROM evently.book_outcome(-1, -10, 2, 'k')$$, 'false 8'),
  ($$SELECT replayed::text FROM evently.book_outcome(-1, -10, 2, 'k')$$, 'true'),
  ($$SELECT string_agg(outcome, ' ') FROM evently.book_many(-10, '{-1,-2,-2}', '{2,1,99}', '{k,k,l}')$$,
   'replayed booked refused'),
  ($$SELECT count(*) FROM evently.bookings_by_key('{-1,-2}', '{k,k}')$$, '2'),
  ($$SELECT seats FROM evently.book(-2, -20, 3)$$, '3'),
  ($$SELECT seats_available FROM evently.cancel_outcome((SELECT max(id) FROM evently.booking_list))$$, '9'),
  ($$SELECT seats_available FROM evently.set_capacity(-10, 20)$$, '17'),
  ($$SELECT name FROM evently.update_event(-10, name => 'Renamed')$$, 'Renamed'),
  ($$SELECT name FROM evently.create_event('New', '2030-01-01', 1)$$, 'New'),
  ($$SELECT email FROM evently.create_user('new@pgtap.example')$$, 'new@pgtap.example'),
  ($$SELECT changed::text FROM evently.reconcile(-10)$$, 'false'),
  ($$SELECT confirmed_seats FROM evently.analytics() WHERE event_id = -10$$, '3'),
  ($$SELECT count(*) FROM evently.user_bookings(-1)$$, '2'),
  ($$SELECT user_email FROM evently.event_bookings(-10) WHERE user_id = -1$$, 'ann@pgtap.example'),
  ($$SELECT count(*) FROM evently.inventory WHERE id < 0$$, '2'),
  ($$SELECT count(*) FROM evently.verify()$$, '0'),
  ($$SELECT id FROM evently.delete_user(-1)$$, '-1'),
  ($$SELECT seats_available FROM evently.event_list WHERE id = -10$$, '19'),
  ($$SELECT id FROM evently.delete_event(-10)$$, '-10'),
  ($$SELECT count(*) FROM evently.verify()$$, '0')) AS promised (call, answer);
SELECT is(pg_temp.refusal_as('evently_admin', $$SELECT evently.create_user('bob@pgtap.example')$$),
          'TK102 e-mail address is taken', 'a unique key is still a refusal of the business');
UPDATE evently.events SET seats_available = 0 WHERE id = -20;
SELECT is(pg_temp.answer('SELECT changed || '' '' || seats_after FROM evently.reconcile(-20)'), 'true 10',
          'a repair is recorded');
SELECT is(pg_temp.answer('SELECT count(*) FROM evently.repair_list WHERE event_id = -20'), '1',
          '... where admins can read it');

SELECT * FROM finish();
ROLLBACK;
