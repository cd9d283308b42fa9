// What pg_stat_evently and status() show of the shared memory. Backend zone.
#include "extension/backend/pg.h"
#include "extension/backend/row.h"
#include "extension/changes/shared_set.h"
#include "extension/group/group.h"

extern "C" {
#include "miscadmin.h"
}

namespace evently {
namespace {

const char* notifier_state() {
  if (shared_state() == nullptr)
    return "none: the writing transaction notifies; add evently to shared_preload_libraries and "
           "restart the server to have a background worker do it";
  const SharedDatabase* database = shared_database();
  if (database == nullptr)
    return "none: the writing transaction notifies, as too many databases use evently";
  if (!notifier_serves(database))
    return "none: the writing transaction notifies, as no background worker could be started; "
           "raise max_worker_processes";
  return database->notifier_latch == nullptr ? "idle: starts with the next change" : "running";
}

const char* part_of(const GroupRequest& request, RequestState state) {
  if (state == RequestState::claimed) return "committing";
  return request.leads ? "leads" : "waits";
}

void put_request(ReturnSetInfo* result, const GroupRequest& request) {
  const auto state =
      static_cast<RequestState>(pg_atomic_read_u32(const_cast<pg_atomic_uint32*>(&request.state)));
  const bool shown = state == RequestState::queued || state == RequestState::claimed;
  if (!shown || request.database != MyDatabaseId) return;
  Datum values[] = {Int32GetDatum(request.pid), Int64GetDatum(request.request.event_id),
                    CStringGetTextDatum(part_of(request, state)),
                    TimestampTzGetDatum(request.since)};
  bool nulls[lengthof(values)] = {};
  tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

}  // namespace
}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_notifier_state);
PG_FUNCTION_INFO_V1(evently_statistics);
PG_FUNCTION_INFO_V1(evently_group_requests);

Datum evently_notifier_state(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  PG_RETURN_TEXT_P(cstring_to_text(evently::notifier_state()));
}

// One row of this database: the statistics in their order, then the notifier's process.
Datum evently_statistics(PG_FUNCTION_ARGS) {
  using evently::Statistic;
  constexpr int count = static_cast<int>(Statistic::count);
  evently::require_shared_memory();
  evently::SharedDatabase* database = evently::shared_database();

  Datum values[count + 1] = {};
  bool nulls[count + 1] = {};
  for (int i = 0; i < count; ++i) {
    const uint64 value = database == nullptr ? 0 : pg_atomic_read_u64(&database->statistics[i]);
    values[i] = Int64GetDatum(static_cast<int64>(value));
  }
  const int pid = database == nullptr ? 0 : database->notifier_pid;
  values[count] = Int32GetDatum(pid);
  nulls[count] = pid == 0;
  return evently::row_datum(fcinfo, values, nulls);
}

// One row per request that waits or is being booked, as they are at the moment.
Datum evently_group_requests(PG_FUNCTION_ARGS) {
  evently::require_shared_memory();
  InitMaterializedSRF(fcinfo, 0);
  const evently::GroupRequests all = evently::all_requests();
  for (int i = 0; i < all.count; ++i)
    evently::put_request(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo), all.requests[i]);
  return Datum{0};
}
}
