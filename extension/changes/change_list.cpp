#include "extension/changes/change_list.h"

#include "extension/backend/settings.h"
#include "extension/changes/shared_set.h"
#include "extension/changes/statistics.h"

namespace evently {
namespace {

struct Change {
  int64 event_id;  // 0: more events than there are entries
  int nest_level;  // of the subtransaction that made it; with that it vanishes
  bool notify;
  int booked;
  int cancelled;
};

constexpr int changes_max = 64;
Change changes[changes_max + 1];  // the last one stands for all that have no entry of their own
int change_count = 0;

// For assertions: whether each change belongs to a level that is open, down to `level`.
[[maybe_unused]] bool levels_are_within(int level) {
  for (int i = 0; i < change_count; ++i)
    if (changes[i].nest_level < 1 || changes[i].nest_level > level) return false;
  return change_count >= 0 && change_count <= changes_max + 1;
}

Change* change_of(int64 event_id) {
  const int level = GetCurrentTransactionNestLevel();
  Assert(levels_are_within(level));
  for (int i = 0; i < change_count; ++i)
    if (changes[i].event_id == event_id && changes[i].nest_level == level) return &changes[i];
  if (change_count < changes_max) {
    changes[change_count] = {event_id, level, false, 0, 0};
    return &changes[change_count++];
  }
  if (change_count == changes_max) changes[change_count++] = {0, 1, false, 0, 0};
  return &changes[changes_max];
}

}  // namespace

void inventory_changed(int64 event_id) {
  Change* change = change_of(event_id);
  if (!notify) return;
  if (notifier_serves(shared_database())) {
    change->notify = true;
    return;
  }
  char payload[32];
  snprintf(payload, sizeof payload, INT64_FORMAT, event_id);
  Async_Notify(inventory_channel, payload);
}

void count_booked(int64 event_id, int bookings) {
  change_of(event_id)->booked += bookings;
}

void count_cancelled(int64 event_id, int bookings) {
  change_of(event_id)->cancelled += bookings;
}

bool changed_anything() {
  return change_count > 0;
}

// A prepared transaction commits later, perhaps in another session, which has no list of these
// changes.
void refuse_to_prepare_changes() {
  if (!changed_anything()) return;
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("cannot PREPARE a transaction that changed an event's inventory"),
                  errdetail("Listeners would not be notified of the change when it commits."),
                  errhint("Use COMMIT.")));
}

void publish_changes() {
  // Most transactions of a server change nothing here, and some processes have no database.
  if (!changed_anything()) return;
  SharedDatabase* database = shared_database();
  if (database == nullptr) return;
  Assert(levels_are_within(1));
  for (int i = 0; i < change_count; ++i) {
    Assert(changes[i].booked >= 0 && changes[i].cancelled >= 0);
    add_to(database, Statistic::booked, changes[i].booked);
    add_to(database, Statistic::cancelled, changes[i].cancelled);
    if (changes[i].notify) note_changed(database, changes[i].event_id);
  }
}

void forget_changes() {
  change_count = 0;
}

void end_subtransaction_changes(bool committed) {
  const int level = GetCurrentTransactionNestLevel();
  Assert(level > 1 && levels_are_within(level));
  int kept = 0;
  for (int i = 0; i < change_count; ++i) {
    const bool ends = changes[i].nest_level >= level;
    if (ends && !committed) continue;
    if (ends) changes[i].nest_level = level - 1;
    changes[kept++] = changes[i];
  }
  change_count = kept;
  Assert(levels_are_within(level - 1));
}

}  // namespace evently
