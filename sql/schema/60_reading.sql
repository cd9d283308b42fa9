-- Views and functions for reading. Views belong to evently_owner, so a reader needs no right on a table.

CREATE OR REPLACE VIEW evently.event_list AS
SELECT id, name, venue, start_at, capacity, seats_available, version, details_version, created_at,
       updated_at
FROM evently.events;
COMMENT ON VIEW evently.event_list IS 'Events, one row each.';

CREATE OR REPLACE VIEW evently.booking_list AS
SELECT id, user_id, event_id, seats, status, created_at, updated_at FROM evently.bookings;
COMMENT ON VIEW evently.booking_list IS 'Bookings without their idempotency keys, one row each.';

CREATE OR REPLACE VIEW evently.user_list AS SELECT id, name, created_at FROM evently.users;
COMMENT ON VIEW evently.user_list IS 'Users without their e-mail addresses, one row each.';

CREATE OR REPLACE VIEW evently.user_accounts AS SELECT id, email, name, created_at FROM evently.users;
COMMENT ON VIEW evently.user_accounts IS 'Users with their e-mail addresses: for evently_admin.';

CREATE OR REPLACE VIEW evently.booking_accounts AS
SELECT b.event_id, b.id AS booking_id, b.user_id, u.email AS user_email, u.name AS user_name,
       b.seats, b.status, b.created_at
FROM evently.bookings b JOIN evently.users u ON u.id = b.user_id;
COMMENT ON VIEW evently.booking_accounts IS
  'Bookings with the users who booked, including their e-mail addresses: for evently_admin.';

CREATE OR REPLACE VIEW evently.repair_list AS
SELECT id, event_id, capacity, seats_before, seats_after, repaired_by, repaired_at
FROM evently.repairs;
COMMENT ON VIEW evently.repair_list IS 'Counters that reconcile corrected, one row per repair: for evently_admin.';

-- At most a year, because Redis refuses expiry times that overflow.
-- A clock that is not VOLATILE lets the planner read pages in the order of the primary key.
CREATE OR REPLACE VIEW evently.inventory AS
SELECT id, version, seats_available,
       least(ceil(extract(epoch FROM start_at - statement_timestamp()) * 1000), 31536000000)::bigint
         AS ms_until_start
FROM evently.events WHERE start_at > statement_timestamp();
COMMENT ON VIEW evently.inventory IS
  'What the bridge copies into Redis: events that have not started, with the milliseconds until they do (at most a year).';

-- Not SECURITY DEFINER and without SET, so that the planner inlines them and pushes conditions,
-- ORDER BY and LIMIT of the caller down to the indexes; BEGIN ATOMIC fixes every name at creation.
CREATE OR REPLACE FUNCTION evently.user_bookings(user_id bigint)
RETURNS TABLE (id bigint, event_id bigint, seats integer, status text, created_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT b.id, b.event_id, b.seats, b.status, b.created_at
  FROM evently.booking_list b WHERE b.user_id = user_bookings.user_id;
END;
COMMENT ON FUNCTION evently.user_bookings(bigint) IS
  'A user''s bookings, in no particular order; no row for an unknown user. The planner pushes the caller''s ORDER BY id and LIMIT into it.';

CREATE OR REPLACE FUNCTION evently.event_bookings(event_id bigint)
RETURNS TABLE (booking_id bigint, user_id bigint, user_email text, user_name text, seats integer,
               status text, created_at timestamptz)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT b.booking_id, b.user_id, b.user_email, b.user_name, b.seats, b.status, b.created_at
  FROM evently.booking_accounts b WHERE b.event_id = event_bookings.event_id;
END;
COMMENT ON FUNCTION evently.event_bookings(bigint) IS
  'An event''s bookings with the users who booked, in no particular order; no row for an unknown event. The planner pushes the caller''s ORDER BY booking_id and LIMIT into it. For evently_admin.';

CREATE OR REPLACE FUNCTION evently.analytics()
RETURNS TABLE (event_id bigint, name text, total_confirmed_bookings bigint, confirmed_seats bigint,
               capacity integer, seats_available integer, capacity_utilization_pct numeric)
LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT e.id, e.name, coalesce(sold.bookings, 0), coalesce(sold.seats, 0), e.capacity,
         e.seats_available, coalesce(round(100.0 * sold.seats / nullif(e.capacity, 0), 2), 0)
  FROM evently.events e
  LEFT JOIN (
    SELECT b.event_id, count(*) AS bookings, sum(b.seats) AS seats
    FROM evently.bookings b WHERE evently.is_live(b.status) GROUP BY b.event_id
  ) sold ON sold.event_id = e.id
  ORDER BY e.id;
END;
COMMENT ON FUNCTION evently.analytics() IS
  'One row per event: confirmed bookings, their seats, capacity, seats left, and the share sold in per cent.';
