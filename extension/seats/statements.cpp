#include "extension/seats/statements.h"

namespace evently::statements {

SavedPlan find_by_key = {
    "SELECT b, b.id, b.event_id, b.seats, b.status, b.created_at FROM evently.bookings b "
    "WHERE b.user_id = $1 AND b.idempotency_key = $2 COLLATE \"C\"",
    2,
    {INT8OID, TEXTOID}};

// NO KEY: the foreign keys of bookings share-lock the event, and must not wait for a booking.
SavedPlan lock_event = {
    "SELECT e.capacity, e.seats_available, e.start_at, e.version FROM evently.events e "
    "WHERE e.id = $1 "
    "FOR NO KEY UPDATE",
    1,
    {INT8OID}};

SavedPlan find_user = {"SELECT 1 FROM evently.users u WHERE u.id = $1", 1, {INT8OID}};

// FOR KEY SHARE, as the foreign key will: it waits for the deletion of the user to end, and then
// misses the user here and not by the constraint.
SavedPlan insert_booking = {
    "INSERT INTO evently.bookings AS b (user_id, event_id, seats, status, idempotency_key) "
    "SELECT u.id, $2, $3, 'CONFIRMED', nullif($4, '') FROM evently.users u WHERE u.id = $1 "
    "FOR KEY SHARE "
    "ON CONFLICT (user_id, idempotency_key COLLATE \"C\") WHERE idempotency_key IS NOT NULL "
    "DO NOTHING RETURNING b, b.id, b.event_id, b.seats, b.status, b.created_at",
    4,
    {INT8OID, INT8OID, INT4OID, TEXTOID}};

SavedPlan move_seats = {
    "UPDATE evently.events e SET seats_available = e.seats_available + $2, "
    "version = e.version + 1, updated_at = pg_catalog.clock_timestamp() WHERE e.id = $1 "
    "RETURNING e.version, e.seats_available",
    2,
    {INT8OID, INT4OID}};

SavedPlan find_booking = {
    "SELECT b, b.event_id, b.seats, b.status, evently.is_live(b.status) "
    "FROM evently.bookings b WHERE b.id = $1",
    1,
    {INT8OID}};

SavedPlan cancel_booking = {
    "UPDATE evently.bookings b SET status = 'CANCELLED', "
    "updated_at = pg_catalog.clock_timestamp() "
    "WHERE b.id = $1 AND evently.is_live(b.status) "
    "RETURNING b, b.event_id, b.seats, b.status",
    1,
    {INT8OID}};

SavedPlan set_capacity = {
    "UPDATE evently.events e SET capacity = $2, seats_available = $3, version = e.version + 1, "
    "details_version = e.details_version + 1, updated_at = pg_catalog.clock_timestamp() "
    "WHERE e.id = $1 RETURNING e",
    3,
    {INT8OID, INT4OID, INT4OID}};

// LATERAL, so that no hash of a whole table is made: a batch is small, tables are not.
SavedPlan find_by_keys = {
    "SELECT a.ordinality::integer, b.id, b.event_id, b.seats, b.status, b.created_at "
    "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY "
    "AS a (user_id, idempotency_key, ordinality) CROSS JOIN LATERAL "
    "(SELECT f.id, f.event_id, f.seats, f.status, f.created_at FROM evently.bookings f "
    "WHERE f.user_id = a.user_id AND f.idempotency_key = a.idempotency_key COLLATE \"C\" "
    "LIMIT 1) b",
    2,
    {INT8ARRAYOID, TEXTARRAYOID}};

// In the order of the array, which is ascending: as with all locks, no waits form a circle.
SavedPlan lock_users = {
    "SELECT u.id FROM pg_catalog.unnest($1) AS a (id) CROSS JOIN LATERAL "
    "(SELECT f.id FROM evently.users f WHERE f.id = a.id FOR KEY SHARE) u",
    1,
    {INT8ARRAYOID}};

SavedPlan insert_bookings = {
    "INSERT INTO evently.bookings AS b (id, user_id, event_id, seats, status, idempotency_key) "
    "OVERRIDING SYSTEM VALUE SELECT a.id, a.user_id, $1, a.seats, 'CONFIRMED', "
    "a.idempotency_key FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), "
    "pg_catalog.unnest($4), pg_catalog.unnest($5)) "
    "AS a (id, user_id, seats, idempotency_key) "
    "ON CONFLICT (user_id, idempotency_key COLLATE \"C\") WHERE idempotency_key IS NOT NULL "
    "DO NOTHING RETURNING b.id, b.created_at",
    5,
    {INT8OID, INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, TEXTARRAYOID}};

}  // namespace evently::statements
