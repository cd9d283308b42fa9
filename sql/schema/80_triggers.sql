CREATE TRIGGER refund_deleted_bookings AFTER DELETE ON evently.bookings
  REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION evently.refund_deleted_bookings();
COMMENT ON TRIGGER refund_deleted_bookings ON evently.bookings IS 'Keeps invariant I1 when rows go.';

CREATE TRIGGER refund_truncated_bookings AFTER TRUNCATE ON evently.bookings
  FOR EACH STATEMENT EXECUTE FUNCTION evently.refund_truncated_bookings();
COMMENT ON TRIGGER refund_truncated_bookings ON evently.bookings IS 'Keeps invariant I1 when rows go.';

CREATE EVENT TRIGGER evently_guard_drop ON ddl_command_start
  WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED') EXECUTE FUNCTION evently.guard_drop();
-- Also where triggers are off, as while a dump is restored by several jobs.
ALTER EVENT TRIGGER evently_guard_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER evently_guard_drop IS
  'Refuses what would drop the extension while there are bookings, unless evently.allow_drop is on.';
