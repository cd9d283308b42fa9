#include "extension/backend/plans.h"

extern "C" {
#include "utils/datum.h"
}

namespace evently {
namespace {

constexpr int arguments_max = 5;

struct Statement {
  Plan plan;
  const char* text;  // constant and schema-qualified: plans outlive any search_path
  int argument_count;
  Oid argument_types[arguments_max];
};

// In the order of the enumeration.
constexpr Statement statements[] = {
    {Plan::find_by_key,
     "SELECT b, b.id, b.event_id, b.seats, b.status, b.created_at FROM evently.bookings b "
     "WHERE b.user_id = $1 AND b.idempotency_key = $2 COLLATE \"C\"",
     2,
     {INT8OID, TEXTOID}},
    // NO KEY: the foreign keys of bookings share-lock the event, and must not wait for a booker.
    {Plan::lock_event,
     "SELECT e.capacity, e.seats_available, e.start_at, e.version FROM evently.events e "
     "WHERE e.id = $1 "
     "FOR NO KEY UPDATE",
     1,
     {INT8OID}},
    {Plan::find_user, "SELECT 1 FROM evently.users u WHERE u.id = $1", 1, {INT8OID}},
    // FOR KEY SHARE, as the foreign key will: a user who is being deleted is waited for, and then
    // missed here and not by the constraint.
    {Plan::insert_booking,
     "INSERT INTO evently.bookings AS b (user_id, event_id, seats, status, idempotency_key) "
     "SELECT u.id, $2, $3, 'CONFIRMED', nullif($4, '') FROM evently.users u WHERE u.id = $1 "
     "FOR KEY SHARE "
     "ON CONFLICT (user_id, idempotency_key COLLATE \"C\") WHERE idempotency_key IS NOT NULL "
     "DO NOTHING RETURNING b, b.id, b.event_id, b.seats, b.status, b.created_at",
     4,
     {INT8OID, INT8OID, INT4OID, TEXTOID}},
    {Plan::move_seats,
     "UPDATE evently.events e SET seats_available = e.seats_available + $2, "
     "version = e.version + 1, updated_at = pg_catalog.clock_timestamp() WHERE e.id = $1 "
     "RETURNING e.version, e.seats_available",
     2,
     {INT8OID, INT4OID}},
    {Plan::find_booking,
     "SELECT b, b.event_id, b.seats, b.status, evently.is_live(b.status) "
     "FROM evently.bookings b WHERE b.id = $1",
     1,
     {INT8OID}},
    {Plan::cancel_booking,
     "UPDATE evently.bookings b SET status = 'CANCELLED', "
     "updated_at = pg_catalog.clock_timestamp() "
     "WHERE b.id = $1 AND evently.is_live(b.status) "
     "RETURNING b, b.event_id, b.seats, b.status",
     1,
     {INT8OID}},
    {Plan::set_capacity,
     "UPDATE evently.events e SET capacity = $2, seats_available = $3, version = e.version + 1, "
     "details_version = e.details_version + 1, updated_at = pg_catalog.clock_timestamp() "
     "WHERE e.id = $1 RETURNING e",
     3,
     {INT8OID, INT4OID, INT4OID}},
    // For batches. LATERAL, so that no hash of a whole table is made: a batch is small, tables are
    // not.
    {Plan::find_by_keys,
     "SELECT a.ordinality::integer, b.id, b.event_id, b.seats, b.status, b.created_at "
     "FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) WITH ORDINALITY "
     "AS a (user_id, idempotency_key, ordinality) CROSS JOIN LATERAL "
     "(SELECT f.id, f.event_id, f.seats, f.status, f.created_at FROM evently.bookings f "
     "WHERE f.user_id = a.user_id AND f.idempotency_key = a.idempotency_key COLLATE \"C\" "
     "LIMIT 1) b",
     2,
     {INT8ARRAYOID, TEXTARRAYOID}},
    // In the order of the array, which is ascending: as with all locks, nobody waits in a circle.
    {Plan::lock_users,
     "SELECT u.id FROM pg_catalog.unnest($1) AS a (id) CROSS JOIN LATERAL "
     "(SELECT f.id FROM evently.users f WHERE f.id = a.id FOR KEY SHARE) u",
     1,
     {INT8ARRAYOID}},
    {Plan::insert_bookings,
     "INSERT INTO evently.bookings AS b (id, user_id, event_id, seats, status, idempotency_key) "
     "OVERRIDING SYSTEM VALUE SELECT a.id, a.user_id, $1, a.seats, 'CONFIRMED', "
     "a.idempotency_key FROM ROWS FROM (pg_catalog.unnest($2), pg_catalog.unnest($3), "
     "pg_catalog.unnest($4), pg_catalog.unnest($5)) "
     "AS a (id, user_id, seats, idempotency_key) "
     "ON CONFLICT (user_id, idempotency_key COLLATE \"C\") WHERE idempotency_key IS NOT NULL "
     "DO NOTHING RETURNING b.id, b.created_at",
     5,
     {INT8OID, INT8ARRAYOID, INT8ARRAYOID, INT4ARRAYOID, TEXTARRAYOID}},
    {Plan::any_booking, "SELECT 1 FROM evently.bookings LIMIT 1", 0, {}},
    // Ours, or the one whose CASCADE takes ours along. Operators are qualified, as this runs under
    // the path of whoever drops.
    {Plan::owned_extension,
     "SELECT 1 FROM pg_catalog.pg_extension e WHERE e.extowner OPERATOR(pg_catalog.=) $1 "
     "AND (e.extname OPERATOR(pg_catalog.=) 'evently' "
     "OR e.extname OPERATOR(pg_catalog.=) 'plpgsql')",
     1,
     {OIDOID}},
};

constexpr bool statements_are_in_order() {
  int position = 0;
  for (const auto& statement : statements)
    if (static_cast<int>(statement.plan) != position++) return false;
  return true;
}
static_assert(statements_are_in_order(), "statements must follow the order of Plan");

SPIPlanPtr saved_plans[lengthof(statements)];

SPIPlanPtr saved_plan(Plan plan) {
  SPIPlanPtr& saved = saved_plans[static_cast<int>(plan)];
  if (saved != nullptr) return saved;

  const Statement& statement = statements[static_cast<int>(plan)];
  SPIPlanPtr prepared = SPI_prepare(statement.text, statement.argument_count,
                                    const_cast<Oid*>(statement.argument_types));
  if (prepared == nullptr)
    elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  if (SPI_keepplan(prepared) != 0) elog(ERROR, "SPI_keepplan failed");
  saved = prepared;
  return saved;
}

}  // namespace

uint64 run(Plan plan, const Datum* arguments) {
  const int result =
      SPI_execute_plan(saved_plan(plan), const_cast<Datum*>(arguments), nullptr, false, 0);
  if (result < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
  return SPI_processed;
}

Datum column(int number, uint64 row) {
  bool is_null = false;
  const Datum value =
      SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &is_null);
  if (is_null) elog(ERROR, "column %d is unexpectedly null", number);
  return value;
}

Datum row_column(int number) {
  return SPI_datumTransfer(column(number), false, -1);
}

}  // namespace evently
