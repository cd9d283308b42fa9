\ir prelude.psql
SELECT plan(12);

SELECT evently.book(-1, -20, 3) AS ignored \gset
SELECT evently.book(-1, -10, 4, 'k') AS ignored \gset
SELECT evently.book(-1, -10, 1) AS ignored \gset
SELECT evently.book(-2, -10, 2) AS ignored \gset
SELECT evently.cancel((SELECT id FROM evently.book(-1, -20, 5))) AS ignored \gset
SELECT is(pg_temp.inventory(-10) || ', ' || pg_temp.inventory(-20), '3/10 v4, 7/10 v4',
          'Ann holds five seats of one event and three of another');

SELECT u AS before FROM evently.users u WHERE id = -1 \gset
SELECT is(evently.delete_user(-1)::text, :'before', 'delete_user returns the row as it was');
SELECT is_empty('SELECT * FROM evently.users WHERE id = -1', 'the user is gone');
SELECT is_empty('SELECT * FROM evently.bookings WHERE user_id = -1', '... with all bookings');
SELECT is(pg_temp.inventory(-10) || ', ' || pg_temp.inventory(-20), '8/10 v5, 10/10 v5',
          'live seats came back, cancelled ones not twice, and each version was bumped');
SELECT is(pg_temp.bookings_of(-2), '2 CONFIRMED', 'another user''s bookings stay');
SELECT is_empty('SELECT * FROM evently.verify() WHERE event_id IN (-10, -20)',
                'the counters agree with the bookings');

SELECT is(pg_temp.refusal('SELECT evently.delete_user(-1)'),
          'TK002 user does not exist: There is no user -1.', 'a second time there is no such user');
SELECT is(pg_temp.refusal('SELECT evently.delete_user(NULL)'),
          '22023 invalid request: The user_id must not be null.', 'a user is needed');
SELECT lives_ok('SELECT evently.delete_user(user_id => -2)', 'the argument has a name');
SELECT is(pg_temp.inventory(-10), '10/10 v6', 'the last user gave the last seats back');
SELECT lives_ok($$SELECT evently.create_user('ann@pgtap.example')$$, 'the address is free again');

SELECT * FROM finish();
ROLLBACK;
