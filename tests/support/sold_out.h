#pragma once

#include <gtest/gtest.h>

#include <string>

#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {

constexpr Milliseconds put_right_within{1000};  // tokens in quiet (I7), a false "sold out" (I9)

// Asks until the event, which has had seats since then, is no longer called sold out, and notes
// when it last was (I9). For a user that does not exist: no seat is taken, and the answer is 404
// when there is one.
inline testing::AssertionResult is_on_sale_again(const std::string& url, std::int64_t event,
                                                 Clock::time_point free_since,
                                                 Milliseconds& sold_out_for) {
  constexpr Milliseconds patience{30'000};
  const std::string body = booking_fields(std::stoll(unused_id), event).dump();
  HttpClient client(url);
  return eventually_true(patience, "it cannot be booked", [&] {
    const Milliseconds asked = since(free_since);
    const auto reply = client.try_send("POST", "/bookings", body);
    if (reply && reply->status == 409) sold_out_for = asked;
    return reply && reply->status == 404;
  });
}

}  // namespace evently
