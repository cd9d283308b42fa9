#include "extension/backend/settings.h"

#include "extension/backend/pg.h"

namespace evently {

bool allow_drop = false;
bool notify = true;

void define_settings() {
  DefineCustomBoolVariable("evently.allow_drop",
                           "Allows DROP EXTENSION evently while there are bookings.", nullptr,
                           &allow_drop, false, PGC_SUSET, 0, nullptr, nullptr, nullptr);
  DefineCustomBoolVariable("evently.notify",
                           "Tells listeners on evently_inventory which events changed.",
                           "May be off where no bridge listens.", &notify, true, PGC_SUSET, 0,
                           nullptr, nullptr, nullptr);
  MarkGUCPrefixReserved("evently");
}

}  // namespace evently
