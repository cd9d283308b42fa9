#include "api/database/statements.h"

#include "api/database/bookings.h"
#include "api/database/events.h"
#include "api/database/reports.h"
#include "api/database/users.h"

namespace evently {

std::vector<Statement> all_statements() {
  std::vector<Statement> all;
  for (const auto* topic :
       {&user_statements(), &event_statements(), &booking_statements(), &report_statements()}) {
    all.insert(all.end(), topic->begin(), topic->end());
  }
  return all;
}

}  // namespace evently
