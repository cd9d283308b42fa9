#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/http.h"
#include "tests/support/sessions/database.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/sessions/unique_word.h"

namespace evently {

// An id that no row has, and the largest and the first impossible one.
inline const std::string unused_id = "9007199254740993";
inline const std::string largest_id = "9223372036854775807";
inline const std::string impossible_id = "9223372036854775808";

using Texts = std::vector<std::string>;

// The fields of an event that can be posted to /admin/events.
Json event_fields(int capacity);

// What most tests need. Whatever a test does, the books must balance after it, and the stack's
// service must not have answered 500.
class ServiceTest : public testing::Test {
 protected:
  ServiceTest();
  void TearDown() override;

  // Waits until bridge, Redis and service work together again, as after an earlier test's outage.
  void await_all_parts();

  std::int64_t new_user();
  std::int64_t new_event(int capacity);
  std::int64_t new_started_event(int capacity);
  std::vector<std::int64_t> new_users(int count);

  Reply book(std::int64_t user_id, std::int64_t event_id, int seats = 1,
             const std::string& key = "");
  // Books one and returns its id; throws when refused.
  std::int64_t booked(std::int64_t user_id, std::int64_t event_id, int seats = 1);

  HttpClient client;
  HttpClient admin;
  OwnerDatabase database;

 private:
  const std::size_t log_bytes_before_;
};

// What POST /bookings takes.
Json booking_fields(std::int64_t user_id, std::int64_t event_id, int seats = 1,
                    const std::string& key = "");

}  // namespace evently
