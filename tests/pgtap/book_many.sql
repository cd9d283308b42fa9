\ir prelude.psql
SELECT plan(46);

-- The outcomes as '1 booked, 2 refused TK101', and the event beside them.
CREATE FUNCTION pg_temp.many(event_id bigint, user_ids bigint[], seats integer[], keys text[] DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', o.position, o.outcome, o.sqlstate), ', ' ORDER BY o.position)
  FROM evently.book_many($1, $2, $3, $4) o
$$;

SELECT results_eq(
  $$SELECT position, outcome, sqlstate, message, user_id, event_id, seats, status, version,
           seats_available
    FROM evently.book_many(-10, '{-1,-2}', '{1,2}')$$,
  $$VALUES (1, 'booked', NULL::text, NULL::text, -1::bigint, -10::bigint, 1, 'CONFIRMED', 2::bigint, 7),
           (2, 'booked', NULL, NULL, -2, -10, 2, 'CONFIRMED', 2, 7)$$,
  'one row per item, with the booking, and the event after the batch');
SELECT is(pg_temp.inventory(-10), '7/10 v2', 'a batch takes all its seats and is one version');
SELECT set_eq(
  $$SELECT user_id, seats, status, idempotency_key FROM evently.bookings WHERE event_id = -10$$,
  $$VALUES (-1::bigint, 1, 'CONFIRMED', NULL::text), (-2, 2, 'CONFIRMED', NULL)$$,
  'the bookings are in the table');
SELECT is((SELECT updated_at > created_at AND details_version = 1 FROM evently.events WHERE id = -10), true,
          'a batch moves the event''s updated_at and leaves its details_version alone');
CREATE TEMPORARY TABLE made AS SELECT * FROM evently.book_many(-20, '{-2,-1,-2}', '{1,1,1}', '{c,b,a}');
SELECT results_eq(
  $$SELECT booking_id, created_at FROM made ORDER BY position$$,
  $$SELECT id, created_at FROM evently.bookings WHERE event_id = -20 ORDER BY id$$,
  'numbers are given in the order of the items');
SELECT is(pg_temp.inventory(-20), '7/10 v2', 'another event is another counter');

-- Refusals, one by one.
SELECT is(pg_temp.many(-10, '{-1,-99,-2}', '{1,1,1}'), '1 booked, 2 refused TK002, 3 booked',
          'an unknown user hurts no other');
SELECT is(pg_temp.inventory(-10), '5/10 v3', '... and takes no seat');
SELECT is(pg_temp.many(-10, '{-1,-2,-1}', '{6,2,4}'), '1 refused TK101, 2 booked, 3 refused TK101',
          'a smaller wish that comes later may still fit');
SELECT is(pg_temp.many(-10, '{-1,-2}', '{0,1000001}'), '1 refused 22023, 2 refused 22023',
          'seats out of bounds are refused as the item''s fault');
SELECT is(pg_temp.many(-10, '{-1,-1,-2}', '{1,1,1}', ARRAY['', repeat('k', 256), repeat('k', 255)]),
          '1 refused 22023, 2 refused 22023, 3 booked', 'so are keys that are too short or too long');
SELECT is(pg_temp.many(-99, '{-1,-98}', '{1,1}'), '1 refused TK001, 2 refused TK001',
          'an unknown event refuses all');
SELECT is((SELECT count(*) FROM evently.book_many(-99, '{-1}', '{1}') WHERE version IS NULL
           AND seats_available IS NULL AND booking_id IS NULL), 1::bigint, '... and has no counter');
SELECT is(pg_temp.many(-30, '{-1}', '{1}'), '1 refused TK103', 'an event that has started is closed');
SELECT is((SELECT message FROM evently.book_many(-30, '{-1}', '{1}')), 'booking is closed',
          'a refusal says what book would say');
SELECT is_empty('SELECT * FROM evently.verify(-10) UNION ALL SELECT * FROM evently.verify(-20)',
                'the counters agree with the bookings');

-- Keys.
SELECT is(pg_temp.many(-20, '{-1,-1,-2}', '{2,2,2}', '{k,k,k}'), '1 booked, 2 replayed, 3 booked',
          'a key repeated in the batch is booked once; another user''s same key is another key');
SELECT is((SELECT count(DISTINCT booking_id) FROM evently.book_many(-20, '{-1,-1}', '{2,2}', '{k,k}')
           WHERE outcome = 'replayed'), 1::bigint, 'a batch of repeats returns the booking');
SELECT is(pg_temp.inventory(-20), '3/10 v3', '... and changes nothing');
SELECT is((SELECT (outcome, version, seats_available)::text FROM evently.book_many(-20, '{-1}', '{2}', '{k}')),
          '(replayed,3,3)', '... and says what the event has');
SELECT is(pg_temp.many(-20, '{-1,-1}', '{1,2}', '{k,k}'), '1 refused TK104, 2 replayed',
          'a key with other seats is refused');
SELECT is(pg_temp.many(-10, '{-1}', '{2}', '{k}'), '1 refused TK104', '... and with another event');
SELECT is(pg_temp.many(-99, '{-1}', '{2}', '{k}'), '1 refused TK104', '... before the event is missed');
SELECT is(pg_temp.many(-20, '{-1,-1}', '{9,1}', '{big,big}'), '1 refused TK101, 2 booked',
          'a key whose first item was refused is free');
SELECT is(pg_temp.many(-20, '{-1,-2,-1}', '{1,1,1}', ARRAY['n', NULL, NULL]), '1 booked, 2 booked, 3 refused TK101',
          'an element without a key is a booking without a key');
SELECT is(pg_temp.many(-20, '{-1}', '{1}', '{n}'), '1 replayed', 'a sold-out event still replays');
SELECT evently.cancel(booking_id) AS ignored FROM evently.book_many(-20, '{-1}', '{1}', '{n}') \gset
SELECT is((SELECT status FROM evently.book_many(-20, '{-1}', '{1}', '{n}')), 'CANCELLED',
          'a replay shows the booking as it is now');
SELECT is(pg_temp.many(-20, ARRAY[-1,-1], ARRAY[1,1], ARRAY[E'\u20ac ''"\\{},NULL', 'NULL']),
          '1 booked, 2 refused TK101', 'any bytes make a key');
SELECT is_empty('SELECT * FROM evently.verify(-10) UNION ALL SELECT * FROM evently.verify(-20)',
                'the counters still agree with the bookings');

-- Arrays.
SELECT is((SELECT count(*) FROM evently.book_many(-10, '{}', '{}')), 0::bigint, 'no items, no rows');
SELECT is((SELECT count(*) FROM evently.book_many(-10, '{}', '{}', '{}')), 0::bigint, '... with no keys either');
SELECT is(pg_temp.refusal(statement), '22023 invalid request: ' || detail, statement)
FROM (VALUES
  ($$SELECT evently.book_many(NULL, '{-1}', '{1}')$$, 'The event_id must not be null.'),
  ($$SELECT evently.book_many(-10, NULL, '{1}')$$, 'The user_ids must not be null.'),
  ($$SELECT evently.book_many(-10, '{-1}', NULL)$$, 'The seats must not be null.'),
  ($$SELECT evently.book_many(-10, '{-1,NULL}', '{1,1}')$$, 'The user_ids must not hold nulls.'),
  ($$SELECT evently.book_many(-10, '{-1,-2}', '{1,NULL}')$$, 'The seats must not hold nulls.'),
  ($$SELECT evently.book_many(-10, '{-1,-2}', '{1}')$$,
   'The arrays must have the same length, not 2 user_ids, 1 seats and 2 idempotency_keys.'),
  ($$SELECT evently.book_many(-10, '{-1,-2}', '{1,1}', '{k}')$$,
   'The arrays must have the same length, not 2 user_ids, 2 seats and 1 idempotency_keys.'),
  ($$SELECT evently.book_many(-10, '{-1}', '{1}', '{}')$$,
   'The arrays must have the same length, not 1 user_ids, 1 seats and 0 idempotency_keys.'),
  ($$SELECT evently.book_many(-10, '{{-1},{-2}}', '{1,1}')$$,
   'The user_ids must be an array of one dimension, not 2.'),
  ($$SELECT evently.book_many(-10, '{-1}', '{{1}}')$$, 'The seats must be an array of one dimension, not 2.'),
  ($$SELECT evently.book_many(-10, array_fill(-1::bigint, '{1001}'), array_fill(1, '{1001}'))$$,
   'The user_ids must have at most 1000 elements, not 1001.')
) AS wrong (statement, detail);
SELECT is(pg_temp.many(-10, '[5:6]={-1,-2}', '[0:1]={1,1}'), '1 booked, 2 booked', 'arrays may begin anywhere');
SELECT is((SELECT count(*) FROM evently.book_many(-10, array_fill(-1::bigint, '{1000}'), array_fill(1, '{1000}'))
           WHERE outcome = 'refused'), 1000::bigint, 'a thousand items are a batch');

-- A batch equals the same calls of book in order: thousands of random batches, each done both ways and
-- undone. Seeded, so that a failure can be repeated.
CREATE FUNCTION pg_temp.one_by_one(event_id bigint, user_ids bigint[], seats integer[], keys text[])
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  outcomes text := '';
  before bigint := nextval('evently.bookings_id_seq');
  booking evently.bookings;
BEGIN
  FOR i IN 1 .. cardinality(user_ids) LOOP
    BEGIN
      booking := evently.book(user_ids[i], $1, seats[i], keys[i]);
      outcomes := outcomes || CASE WHEN booking.id < before THEN ' earlier ' || booking.id
        ELSE format(' booking %s', (SELECT count(*) FROM evently.bookings b WHERE b.id BETWEEN before AND booking.id)) END;
    EXCEPTION WHEN OTHERS THEN
      outcomes := outcomes || ' ' || SQLSTATE;
    END;
  END LOOP;
  RETURN outcomes;
END
$$;
CREATE FUNCTION pg_temp.at_once(event_id bigint, user_ids bigint[], seats integer[], keys text[])
RETURNS text LANGUAGE sql AS $$
  WITH before AS (SELECT nextval('evently.bookings_id_seq') AS id),
  made AS MATERIALIZED (SELECT o.* FROM before, evently.book_many($1, $2, $3, $4) o)
  SELECT coalesce(string_agg(coalesce(' ' || m.sqlstate, CASE WHEN m.booking_id < before.id THEN ' earlier ' || m.booking_id
    ELSE ' booking ' || (SELECT count(DISTINCT o.booking_id) FROM made o WHERE o.booking_id BETWEEN before.id AND m.booking_id) END),
    '' ORDER BY m.position), '') FROM made m, before
$$;
-- What either leaves behind: seats, and bookings by user, seats and key.
CREATE FUNCTION pg_temp.world(event_id bigint) RETURNS text LANGUAGE sql AS $$
  SELECT format('%s left, %s, %s', e.seats_available,
    (SELECT string_agg(format('%s %s %s', b.user_id, b.seats, b.idempotency_key), ';' ORDER BY b.user_id, b.idempotency_key, b.seats, b.id)
     FROM evently.bookings b WHERE b.event_id = $1),
    (SELECT count(*) FROM evently.verify($1))) FROM evently.events e WHERE e.id = $1
$$;
CREATE FUNCTION pg_temp.tried(way text, event_id bigint, user_ids bigint[], seats integer[], keys text[])
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  result text;
BEGIN
  EXECUTE format('SELECT pg_temp.%I($1, $2, $3, $4)', way) INTO result USING event_id, user_ids, seats, keys;
  RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = result || ' | ' || coalesce(pg_temp.world(event_id), '');
EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
  RETURN SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.differences(rounds integer) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  event_id bigint;
  user_ids bigint[];
  seats integer[];
  keys text[];
  one_by_one text;
  at_once text;
BEGIN
  PERFORM setseed(0.2026);
  FOR round IN 1 .. rounds LOOP
    event_id := (ARRAY[-40, -40, -40, -40, -40, -40, -99, -30])[1 + floor(random() * 8)];
    UPDATE evently.events e SET seats_available = n.n, capacity = n.n + 8
    FROM (SELECT floor(random() * 20)::integer AS n) n WHERE e.id = -40;
    SELECT array_agg((ARRAY[-1, -2, -3, -98])[1 + floor(random() * 4)]), array_agg(floor(random() * 5)::integer),
           array_agg((ARRAY[NULL, '', 'a', 'b', 'c', 'before', 'elsewhere'])[1 + floor(random() * 7)])
    INTO user_ids, seats, keys FROM generate_series(0, floor(random() * 12)::integer);
    one_by_one := pg_temp.tried('one_by_one', event_id, user_ids, seats, keys);
    at_once := pg_temp.tried('at_once', event_id, user_ids, seats, keys);
    IF one_by_one IS DISTINCT FROM at_once THEN
      RETURN NEXT format('round %s, event %s users %s seats %s keys %s: %s but %s', round, event_id, user_ids, seats, keys, one_by_one, at_once);
    END IF;
  END LOOP;
END
$$;
INSERT INTO evently.users (id, email) OVERRIDING SYSTEM VALUE VALUES (-3, 'cy@pgtap.example');
INSERT INTO evently.events (id, name, start_at, capacity, seats_available) OVERRIDING SYSTEM VALUE
VALUES (-40, 'Play', now() + interval '1 day', 8, 8), (-50, 'Opera', now() + interval '1 day', 8, 8);
SELECT evently.book(-1, -40, 2, 'before'), evently.book(-2, -40, 2, 'before'), evently.book(-3, -40, 4, 'before'),
       evently.book(-1, -50, 1, 'elsewhere') AS ignored \gset ignored_
SELECT is_empty('SELECT * FROM pg_temp.differences(2000)', 'two thousand random batches are the same as their calls of book in order');
SELECT isnt(pg_temp.tried('at_once', -40, '{-1,-98}', '{1,1}', '{x,y}'), pg_temp.tried('at_once', -40, '{-98,-1}', '{1,1}', '{x,y}'),
            'the comparison tells different outcomes apart');

SELECT * FROM finish();
ROLLBACK;
