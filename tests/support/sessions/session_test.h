#pragma once

#include <gtest/gtest.h>

#include <cstdint>

#include "tests/support/sessions/database.h"

namespace evently {

// What the tests of SQL callers need: PostgreSQL with the extension, and no other part. Whatever a
// test does, the books must balance after it.
class SessionTest : public testing::Test {
 protected:
  void TearDown() override;

  std::int64_t new_user();
  std::int64_t new_event(int capacity);

  OwnerDatabase database;
};

}  // namespace evently
