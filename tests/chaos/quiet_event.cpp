#include "tests/chaos/quiet_event.h"

#include <stdexcept>
#include <string>

#include "tests/support/redis.h"
#include "tests/support/sessions/database.h"
#include "tests/support/sold_out.h"

namespace evently {
namespace {

constexpr Milliseconds known_within{10'000};

}  // namespace

QuietEvent::QuietEvent(Run& run, const Fixtures& fixtures)
    : run_(run),
      event_(make_event(OwnerDatabase().connection(), run.journal, 1)),
      user_(fixtures.users.front()),
      sender_(setting("API_URL"), run.journal, served_),
      sql_(setting("DATABASE_URL"), run.journal) {}

void QuietEvent::sell_out() {
  const std::string key = "quiet-" + std::to_string(event_) + "-" + std::to_string(++sales_);
  booking_ = sender_.book({key, user_, event_, 1}).value_or(0);
  if (booking_ == 0) throw std::runtime_error("the quiet event cannot be sold out");
  const auto known = tokens_become(event_, 0, known_within);
  if (!known) throw std::runtime_error(known.message());
}

void QuietEvent::must_not_stay_sold_out(const char* meanwhile) {
  if (!sql_.cancel(booking_)) throw std::runtime_error("the quiet event cannot be freed");
  Milliseconds sold_out_for{0};
  const auto on_sale = is_on_sale_again(setting("API_URL"), event_, Clock::now(), sold_out_for);
  if (!on_sale) throw std::runtime_error(on_sale.message());
  if (sold_out_for > put_right_within)
    run_.findings.push_back("I9: called sold out for " + std::to_string(sold_out_for.count()) +
                            " ms " + meanwhile);
}

}  // namespace evently
