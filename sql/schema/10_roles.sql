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

-- Not a member of the extension: of a member, pg_dump --schema=evently would leave out every row without a
-- word. So a dump restores the schema before the extension, empty. It belongs to the superuser who creates
-- the extension, as a cluster where a dump is restored may have none of our roles yet, and as another owner
-- could drop what is in it.
DO $$
BEGIN
  IF pg_catalog.to_regnamespace('evently') IS NULL THEN
    CREATE SCHEMA evently;
    ALTER EXTENSION evently DROP SCHEMA evently;
  ELSIF NOT (SELECT r.rolsuper FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
             WHERE n.nspname = 'evently') THEN
    RAISE EXCEPTION 'schema evently belongs to a role that is no superuser'
      USING HINT = 'Run ALTER SCHEMA evently OWNER TO CURRENT_USER, then create the extension again.';
  ELSIF EXISTS (SELECT FROM pg_catalog.pg_namespace n, pg_catalog.aclexplode(n.nspacl) a
                WHERE n.nspname = 'evently' AND a.grantee <> n.nspowner AND a.privilege_type = 'CREATE') THEN
    RAISE EXCEPTION 'other roles may create in schema evently'
      USING HINT = 'Run REVOKE CREATE ON SCHEMA evently FROM each of them, then create the extension again.';
  ELSIF EXISTS (SELECT FROM pg_catalog.pg_depend
                WHERE refclassid = 'pg_catalog.pg_namespace'::regclass
                  AND refobjid = pg_catalog.to_regnamespace('evently')) THEN
    RAISE EXCEPTION 'schema evently is not empty'
      USING HINT = 'Drop or move what is in it, then create the extension again.';
  END IF;
END
$$;
COMMENT ON SCHEMA evently IS 'Evently: events, bookings and the functions that change them.';
