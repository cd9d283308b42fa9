#include "tests/support/sessions/session_test.h"

#include <string>

#include "tests/support/sessions/unique_word.h"

namespace evently {

void SessionTest::TearDown() {
  // A connection of its own: some tests restart the server.
  EXPECT_EQ(OwnerDatabase().violations(), "");
}

std::int64_t SessionTest::new_user() {
  return database.value<std::int64_t>("SELECT id FROM evently.create_user('" +
                                      unique_word("session") + "@example.com')");
}

std::int64_t SessionTest::new_event(int capacity) {
  return database.value<std::int64_t>(
      "SELECT id FROM evently.create_event('Evening', now() + interval '1 day', " +
      std::to_string(capacity) + ")");
}

}  // namespace evently
