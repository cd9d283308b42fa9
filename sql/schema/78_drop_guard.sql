CREATE OR REPLACE FUNCTION evently.guard_drop() RETURNS event_trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'evently_guard_drop';
COMMENT ON FUNCTION evently.guard_drop() IS
  'Internal. Refuses what would drop the extension while there are bookings, unless evently.allow_drop is on.';
