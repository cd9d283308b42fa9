#include "extension/changes/change_list.h"

#include "extension/backend/settings.h"
#include "extension/changes/shared_set.h"
#include "extension/group/group.h"
#include "extension/seats/inventory.h"

namespace evently {
namespace {

// Entries of a subtransaction vanish with it.
struct Change {
  int64 event_id;  // 0: more events than there are entries
  int nest_level;
  bool notify;
  int booked;
  int cancelled;
};

constexpr int changes_max = 64;
Change changes[changes_max + 1];  // the last one stands for all that have no entry of their own
int change_count = 0;

Change* change_of(int64 event_id) {
  const int level = GetCurrentTransactionNestLevel();
  for (int i = 0; i < change_count; ++i)
    if (changes[i].event_id == event_id && changes[i].nest_level == level) return &changes[i];
  if (change_count < changes_max) {
    changes[change_count] = {event_id, level, false, 0, 0};
    return &changes[change_count++];
  }
  if (change_count == changes_max) changes[change_count++] = {0, 1, false, 0, 0};
  return &changes[changes_max];
}

void publish() {
  // Most transactions of a server are not about us, and some processes have no database.
  if (!changed_anything()) return;
  SharedDatabase* database = shared_database();
  if (database == nullptr) return;
  for (int i = 0; i < change_count; ++i) {
    add_to(database, Statistic::booked, changes[i].booked);
    add_to(database, Statistic::cancelled, changes[i].cancelled);
    if (changes[i].notify) mark_changed(database, changes[i].event_id);
  }
}

// A prepared transaction commits later, perhaps in another session: nobody would hear of it.
[[noreturn]] void refuse_to_prepare() {
  ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                  errmsg("cannot PREPARE a transaction that changed an event's inventory"),
                  errdetail("Nobody would be told of the change when it commits."),
                  errhint("Use COMMIT.")));
}

void on_transaction_end(XactEvent event, void*) {
  if (event == XACT_EVENT_PRE_PREPARE && changed_anything()) refuse_to_prepare();
  if (event == XACT_EVENT_COMMIT) {
    publish();
    publish_group();
  }
  if (event == XACT_EVENT_ABORT) abandon_group();
  if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT) return;
  change_count = 0;
  forget_rows_held();
}

void on_subtransaction_end(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
  if (event != SUBXACT_EVENT_ABORT_SUB && event != SUBXACT_EVENT_COMMIT_SUB) return;
  const int level = GetCurrentTransactionNestLevel();
  int kept = 0;
  for (int i = 0; i < change_count; ++i) {
    const bool ends = changes[i].nest_level >= level;
    if (ends && event == SUBXACT_EVENT_ABORT_SUB) continue;
    if (ends) changes[i].nest_level = level - 1;
    changes[kept++] = changes[i];
  }
  change_count = kept;
}

void count_now(Statistic statistic, uint64 amount) {
  if (SharedDatabase* database = shared_database()) add_to(database, statistic, amount);
}

}  // namespace

bool changed_anything() {
  return change_count > 0;
}

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

void count_outcomes(const BatchItem* items, int count) {
  int replayed = 0;
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    if (items[i].decision.outcome == Outcome::replayed) ++replayed;
    if (items[i].decision.outcome == Outcome::refused) ++refused;
  }
  count_now(Statistic::replayed, replayed);
  count_now(Statistic::refused, refused);
}

void count_batch(int items) {
  count_now(Statistic::batches, 1);
  count_now(Statistic::batch_items, items);
}

void count_replayed() {
  count_now(Statistic::replayed, 1);
}

void count_refused() {
  count_now(Statistic::refused, 1);
}

void count_group(int members) {
  count_now(Statistic::groups, 1);
  count_now(Statistic::group_members, members);
}

void register_transaction_callbacks() {
  RegisterXactCallback(on_transaction_end, nullptr);
  RegisterSubXactCallback(on_subtransaction_end, nullptr);
}

}  // namespace evently
