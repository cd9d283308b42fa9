\ir prelude.psql
SELECT plan(14);

SELECT evently.book(-1, -10, 4, 'k') AS ignored \gset
SELECT evently.book(-2, -20, 2) AS ignored \gset
SELECT evently.cancel((SELECT id FROM evently.book(-1, -10))) AS ignored \gset
SELECT e AS before FROM evently.events e WHERE id = -10 \gset
SELECT is(evently.delete_event(-10)::text, :'before', 'delete_event returns the row as it was');
SELECT is_empty('SELECT * FROM evently.events WHERE id = -10', 'the event is gone');
SELECT is_empty('SELECT * FROM evently.bookings WHERE event_id = -10',
                '... with its bookings, live and cancelled');
SELECT is(pg_temp.bookings_of(-2), '2 CONFIRMED', 'another event''s bookings stay');
SELECT is(pg_temp.inventory(-20), '8/10 v2', '... and so does its inventory');
SELECT is((SELECT count(*) FROM evently.users WHERE id IN (-1, -2)), 2::bigint, 'users stay');
SELECT is_empty('SELECT * FROM evently.verify() WHERE event_id IN (-10, -20)',
                'no invariant is hurt');

SELECT is(pg_temp.refusal('SELECT evently.delete_event(-10)'),
          'TK001 event does not exist: There is no event -10.',
            'a second time there is no such event');
SELECT is(pg_temp.refusal('SELECT evently.delete_event(NULL)'),
          '22023 invalid request: The event_id must not be null.', 'an event is needed');
SELECT evently.update_event(-20, name => 'Changed') AS ignored \gset
SELECT is(pg_temp.refusal('SELECT evently.delete_event(-20, 1)'),
          'TK106 event was changed since it was read: Expected details version 1, found 2.',
          'an event that was changed since is not deleted');
SELECT is(pg_temp.inventory(-20), '8/10 v2', '... and stays as it is');
SELECT lives_ok($$SELECT evently.book(-1, -20, 1, 'k')$$,
                'a key of the deleted event is free again');
SELECT lives_ok('SELECT evently.delete_event(-20, expected_details_version => 2)',
                'the version that was read is deleted, whatever was booked since');
SELECT lives_ok('SELECT evently.delete_event(event_id => -30)',
                'an event that has started can be deleted');

SELECT * FROM finish();
ROLLBACK;
