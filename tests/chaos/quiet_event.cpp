#include "tests/chaos/quiet_event.h"

#include <stdexcept>
#include <string>

#include "tests/service/support/database.h"
#include "tests/service/support/redis.h"
#include "tests/service/support/service_test.h"

namespace evently {
namespace {

constexpr Milliseconds told_within{10'000};
constexpr Milliseconds sold_out_falsely_max{1000};  // I9

}  // namespace

Milliseconds sold_out_until(std::int64_t event, Clock::time_point when) {
  const std::string body = booking_fields(std::stoll(unused_id), event).dump();
  HttpClient client(setting("API_URL"));
  Milliseconds until{0};
  const auto ended = eventually_true(told_within, "seats are free, and it stays sold out", [&] {
    const Milliseconds asked = since(when);
    const auto reply = client.try_send("POST", "/bookings", body);
    if (reply && reply->status == 409) until = asked;
    return reply && reply->status == 404;  // the user: there are seats
  });
  if (!ended) throw std::runtime_error(ended.message());
  return until;
}

QuietEvent::QuietEvent(Run& run, const Stock& stock)
    : run_(run),
      event_(make_event(OwnerDatabase().connection(), run.journal, 1)),
      user_(stock.users.front()),
      sender_(setting("API_URL"), run.journal, served_),
      sql_(setting("DATABASE_URL"), run.journal) {}

void QuietEvent::sell_out() {
  const std::string key = "quiet-" + std::to_string(event_) + "-" + std::to_string(++sales_);
  booking_ = sender_.book({key, user_, event_, 1}).value_or(0);
  if (booking_ == 0) throw std::runtime_error("the quiet event cannot be sold out");
  const auto known = eventually(told_within, [&] { return tokens_differ(event_, 0); });
  if (!known) throw std::runtime_error(known.message());
}

void QuietEvent::must_not_stay_sold_out(const char* meanwhile) {
  if (!sql_.cancel(booking_)) throw std::runtime_error("the quiet event cannot be freed");
  const Milliseconds until = sold_out_until(event_, Clock::now());
  if (until > sold_out_falsely_max)
    run_.findings.push_back("I9: called sold out for " + std::to_string(until.count()) + " ms " +
                            meanwhile);
}

}  // namespace evently
