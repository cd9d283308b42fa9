\echo Use "ALTER EXTENSION evently UPDATE" to load this file. \quit

-- 0.3.0: deletion on condition, wording of comments.

DROP FUNCTION evently.delete_event(bigint);

-- include: schema/20_checks.sql
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
