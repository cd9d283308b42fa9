-- Run at every start in the private database, in one transaction, by its superuser.
SET client_min_messages = warning;
SELECT count(*) = 0 AS is_new FROM pg_extension WHERE extname = 'evently' \gset
\if :is_new
  CREATE EXTENSION evently;
  SELECT * FROM evently.seed_demo_data();
\else
  -- Does nothing when the installed version is the default one.
  ALTER EXTENSION evently UPDATE;
\endif

-- Passwords are read from the environment: every user can read a command line.
\set api_password `printf %s "$EVENTLY_API_PASSWORD"`
\set bridge_password `printf %s "$EVENTLY_BRIDGE_PASSWORD"`
SELECT format('CREATE ROLE evently_api LOGIN PASSWORD %L IN ROLE evently_admin', :'api_password')
WHERE to_regrole('evently_api') IS NULL \gexec
SELECT format('CREATE ROLE evently_bridge LOGIN PASSWORD %L IN ROLE evently_reader', :'bridge_password')
WHERE to_regrole('evently_bridge') IS NULL \gexec
-- A service that hangs inside a transaction would keep the lock of an event.
ALTER ROLE evently_api SET idle_in_transaction_session_timeout = '10s';
