// The counters of pg_stat_evently. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

// In the order of the view's columns.
enum class Statistic {
  booked,
  replayed,
  refused,
  cancelled,
  batches,
  batch_items,
  groups,
  group_members,
  notifications,
  resyncs,
  count
};

// Adds to this database's statistic at once, whatever becomes of the transaction; nothing where the
// module was not preloaded.
void count_now(Statistic statistic, int amount = 1);

}  // namespace evently
