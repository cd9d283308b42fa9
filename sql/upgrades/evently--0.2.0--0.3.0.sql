\echo Use "ALTER EXTENSION evently UPDATE" to load this file. \quit

-- 0.3.0: deletion on condition; one address, one person; names that show; idempotency keys of users and events;
-- a schema that pg_dump --schema finds; wording of comments.

-- Its checks are in C++: the server must have loaded the new module already.
DO $$
BEGIN
  IF string_to_array(evently.module_version(), '.')::integer[] < '{0,3,0}' THEN
    RAISE EXCEPTION 'this server still has the module of version %', evently.module_version()
      USING HINT = 'Install the new files, restart the server, and run ALTER EXTENSION evently UPDATE again.';
  END IF;
END
$$;

-- Nothing that the new rules refuse may come in between.
LOCK TABLE evently.users, evently.events IN SHARE ROW EXCLUSIVE MODE;

-- include: schema/20_checks.sql

-- All that stands in the way at once, before anything is changed.
DO $$
DECLARE
  faults text[];
BEGIN
  SELECT array_agg(fault ORDER BY fault) INTO faults
  FROM (
    SELECT format('the name of user %s cannot be stored any more', u.id) AS fault
    FROM evently.users u WHERE NOT evently.is_label(u.name)
    UNION ALL
    SELECT format('the %s of event %s cannot be stored any more', part.what, e.id)
    FROM evently.events e, LATERAL (VALUES ('name', e.name::text), ('venue', e.venue::text)) part (what, label)
    WHERE NOT evently.is_label(part.label)
    UNION ALL
    SELECT format('the address of user %s cannot be stored any more', u.id)
    FROM evently.users u WHERE evently.stored_email(u.email) IS NULL
    UNION ALL
    SELECT format('users %s have one address', string_agg(u.id::text, ', ' ORDER BY u.id))
    FROM evently.users u WHERE evently.stored_email(u.email) IS NOT NULL
    GROUP BY evently.stored_email(u.email) HAVING count(*) > 1
  ) found;
  IF faults IS NOT NULL THEN
    RAISE EXCEPTION '% rows stand in the way of the update to 0.3.0', cardinality(faults)
      USING DETAIL = array_to_string(faults[:100], E'\n')
                     || CASE WHEN cardinality(faults) > 100 THEN E'\n... and others' ELSE '' END,
            HINT = 'Names and addresses may not begin or end with white space or format characters, or show nothing; domains are compared as A-labels. Correct these rows as evently_owner, or delete users with evently.delete_user, then update again.';
  END IF;
END
$$;
UPDATE evently.users SET email = evently.stored_email(email) WHERE email <> evently.stored_email(email);

ALTER SCHEMA evently OWNER TO CURRENT_USER;
ALTER EXTENSION evently DROP SCHEMA evently;

DROP FUNCTION evently.delete_event(bigint);
DROP FUNCTION evently.create_user(text, text);
DROP FUNCTION evently.create_event(text, timestamptz, integer, text);

ALTER TABLE evently.users ADD COLUMN idempotency_key text CONSTRAINT users_idempotency_key_check
  CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255);

-- include: schema/32_event_keys.sql
-- include: schema/35_table_comments.sql
-- include: schema/40_booking.sql
-- include: schema/50_users_and_events.sql
-- include: schema/55_refunds.sql
-- include: schema/60_reading.sql
-- include: schema/70_verifying.sql
-- include: schema/72_statistics.sql
-- include: schema/74_status.sql
-- include: schema/76_demo_data.sql
-- include: schema/90_privileges.sql
