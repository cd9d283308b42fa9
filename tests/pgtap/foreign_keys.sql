-- book_many holds the locks that its foreign keys would ask for, row by row, and spares itself these checks;
-- but not where the table has other triggers.
\ir prelude.psql
SELECT plan(8);

CREATE FUNCTION pg_temp.look_ups_while(call text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  before bigint := (SELECT idx_scan FROM pg_stat_xact_user_tables WHERE relid = 'evently.events'::regclass);
BEGIN
  EXECUTE call;
  RETURN (SELECT idx_scan FROM pg_stat_xact_user_tables WHERE relid = 'evently.events'::regclass) - before;
END
$$;
CREATE FUNCTION pg_temp.twenty(event_id bigint) RETURNS text LANGUAGE sql AS $$
  SELECT format('SELECT evently.book_many(%s, array_fill(-1::bigint, ARRAY[20]), array_fill(1, ARRAY[20]))', event_id)
$$;
UPDATE evently.events SET capacity = 100, seats_available = 100 WHERE id = -20;
DELETE FROM evently.bookings;

SELECT cmp_ok(pg_temp.look_ups_while(pg_temp.twenty(-20)), '<', 10::bigint,
              'twenty bookings look at the event less than twenty times');
SELECT is((SELECT count(*) FROM evently.bookings WHERE event_id = -20), 20::bigint, '... and are all there');
SELECT is((SELECT string_agg(DISTINCT sqlstate, ' ') FROM evently.book_many(-20, '{-1,-99}', '{1,1}')), 'TK002',
          'a user who does not exist is refused as before');
SELECT is((SELECT string_agg(DISTINCT sqlstate, ' ') FROM evently.book_many(-99, '{-1}', '{1}')), 'TK001',
          'so is an event');

-- Another application's trigger.
CREATE TABLE public.evently_pgtap_seen (booking_id bigint);
GRANT INSERT ON public.evently_pgtap_seen TO evently_owner;
CREATE FUNCTION public.evently_pgtap_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.evently_pgtap_seen VALUES (NEW.id);
  RETURN NEW;
END
$$;
CREATE TRIGGER note AFTER INSERT ON evently.bookings FOR EACH ROW EXECUTE FUNCTION public.evently_pgtap_note();
SELECT cmp_ok(pg_temp.look_ups_while(pg_temp.twenty(-20)), '>=', 20::bigint,
              'beside a trigger of another application all checks are made');
SELECT is((SELECT count(*) FROM public.evently_pgtap_seen), 20::bigint, '... and it sees every booking');
DROP TRIGGER note ON evently.bookings;

-- Another application's foreign key.
CREATE TABLE public.evently_pgtap_halls (event_id bigint PRIMARY KEY);
INSERT INTO public.evently_pgtap_halls SELECT DISTINCT event_id FROM evently.bookings;
ALTER TABLE evently.bookings ADD CONSTRAINT evently_pgtap_hall FOREIGN KEY (event_id)
  REFERENCES public.evently_pgtap_halls DEFERRABLE INITIALLY IMMEDIATE;
GRANT SELECT, UPDATE ON public.evently_pgtap_halls TO evently_owner;
SELECT lives_ok(pg_temp.twenty(-20), 'a foreign key of another application that holds');
DELETE FROM evently.bookings;
DELETE FROM public.evently_pgtap_halls;
SELECT matches(pg_temp.refusal(pg_temp.twenty(-20)), '^23503 ', '... and one that does not');

SELECT * FROM finish();
ROLLBACK;
