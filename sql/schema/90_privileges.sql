-- Last, in a fresh installation and in each upgrade step: new objects belong to the superuser who runs
-- the script, but SECURITY DEFINER must not run as a superuser. Objects that have their owner already
-- are left alone, because ALTER TABLE would wait for every booking in progress.

DO $$
DECLARE
  object record;
BEGIN
  FOR object IN
    SELECT format('%s evently.%I', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, relname) AS name
    FROM pg_catalog.pg_class
    WHERE relnamespace = 'evently'::regnamespace AND relkind IN ('r', 'v')
      AND relowner <> 'evently_owner'::regrole
    UNION ALL
    SELECT format('DOMAIN %s', oid::regtype)
    FROM pg_catalog.pg_type
    WHERE typnamespace = 'evently'::regnamespace AND typtype = 'd'
      AND typowner <> 'evently_owner'::regrole
    UNION ALL
    SELECT format('ROUTINE %s', oid::regprocedure)
    FROM pg_catalog.pg_proc
    WHERE pronamespace = 'evently'::regnamespace AND prorettype <> 'event_trigger'::regtype
      AND proowner <> 'evently_owner'::regrole
  LOOP
    EXECUTE format('ALTER %s OWNER TO evently_owner', object.name);
  END LOOP;
END
$$;

REVOKE ALL ON ALL ROUTINES IN SCHEMA evently FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA evently FROM PUBLIC;
REVOKE ALL ON TYPE evently.label, evently.start_time FROM PUBLIC;
REVOKE ALL ON SCHEMA evently FROM PUBLIC;

GRANT USAGE ON SCHEMA evently TO evently_owner, evently_reader;

GRANT SELECT ON evently.event_list, evently.booking_list, evently.user_list, evently.inventory,
  evently.pg_stat_evently, evently.pg_stat_evently_groups TO evently_reader;
GRANT EXECUTE ON FUNCTION evently.user_bookings(bigint), evently.analytics(), evently.epoch(),
  evently.verify(bigint), evently.status(), evently.module_version(),
  evently.statistics(), evently.group_requests() TO evently_reader;

GRANT EXECUTE ON FUNCTION evently.book(bigint, bigint, integer, text),
  evently.book_outcome(bigint, bigint, integer, text),
  evently.book_many(bigint, bigint[], integer[], text[]), evently.cancel(bigint),
  evently.cancel_outcome(bigint), evently.bookings_by_key(bigint[], text[]),
  evently.create_user(text, text, text),
  evently.create_user_once(text, text, text) TO evently_booker;
GRANT EXECUTE ON PROCEDURE evently.book_and_commit(
  bigint, bigint, integer, text, bigint, text, timestamptz, boolean, bigint, integer) TO evently_booker;

GRANT SELECT ON evently.user_accounts, evently.booking_accounts, evently.repair_list TO evently_admin;
GRANT EXECUTE ON FUNCTION evently.set_capacity(bigint, integer),
  evently.create_event(text, timestamptz, integer, text, text),
  evently.create_event_once(text, timestamptz, integer, text, text, text),
  evently.update_event(bigint, text, text, timestamptz, integer, bigint),
  evently.delete_event(bigint, bigint), evently.delete_user(bigint), evently.event_bookings(bigint),
  evently.seed_demo_data(), evently.reconcile(bigint) TO evently_admin;
