#include "extension/changes/statistics.h"

#include "extension/changes/shared_set.h"

namespace evently {

void count_now(Statistic statistic, int amount) {
  if (SharedDatabase* database = shared_database()) add_to(database, statistic, amount);
}

}  // namespace evently
