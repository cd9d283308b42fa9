#include "api/booking/changes.h"

namespace evently {

void Changes::tell(std::int64_t event_id, Change change) const {
  for (ChangeListener* listener : listeners_) listener->changed(event_id, change);
}

void Changes::tell_of_many() const {
  for (ChangeListener* listener : listeners_) listener->many_changed();
}

}  // namespace evently
