\echo Use "CREATE EXTENSION evently" to load this file. \quit

-- Roles belong to the cluster: another database, or a dump restored here, may have made them already.
DO $$
DECLARE
  missing text;
BEGIN
  FOREACH missing IN ARRAY ARRAY['evently_owner', 'evently_reader', 'evently_booker', 'evently_admin']
  LOOP
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = missing) THEN
      BEGIN
        EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', missing);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;  -- a CREATE EXTENSION in another database was faster
      END;
    END IF;
  END LOOP;

  -- Every SECURITY DEFINER function runs as this role.
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = 'evently_owner') THEN
    RAISE EXCEPTION 'role evently_owner is a superuser'
      USING HINT = 'Run ALTER ROLE evently_owner NOSUPERUSER, then create the extension again.';
  END IF;
END
$$;

GRANT evently_reader TO evently_booker;
GRANT evently_booker TO evently_admin;

-- Made here and not by the control file: a member schema comes back with CREATE EXTENSION, so a dump
-- restores in a cluster that has none of the roles yet.
CREATE SCHEMA evently AUTHORIZATION evently_owner;
COMMENT ON SCHEMA evently IS 'Evently: events, bookings and the functions that change them.';
