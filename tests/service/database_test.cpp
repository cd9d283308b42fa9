// The service's own pool against the stack's PostgreSQL, without HTTP between.
#include "api/database/database.h"

#include <gtest/gtest.h>

#include "tests/support/sessions/database.h"
#include "tests/support/sessions/stack.h"

namespace evently {
namespace {

std::string epoch_known_to(Database& database) {
  return database.run(OnLostConnection::give_up,
                      [](Session& session) { return session.origin().epoch; });
}

class DatabaseTest : public testing::Test {
 protected:
  std::string new_epoch() {
    owner.run("VACUUM FULL evently.events");
    return owner.value<std::string>("SELECT evently.epoch()");
  }

  OwnerDatabase owner;
  Workers workers{1};
  Database database{{.url = setting("DATABASE_URL"), .pool_wait_ms = 1000}, {}, workers};
};

TEST_F(DatabaseTest, AnIdleConnectionReadsItsEpochAgainWhenAsked) {
  const Origin old =
      database.run(OnLostConnection::give_up, [](Session& session) { return session.origin(); });
  const std::string now = new_epoch();
  ASSERT_NE(now, old.epoch);
  EXPECT_EQ(epoch_known_to(database), old.epoch) << "it was not asked";
  const auto refreshed = database.refreshed(old);
  ASSERT_TRUE(refreshed);
  EXPECT_EQ(refreshed->epoch, now);
  EXPECT_EQ(epoch_known_to(database), now);
}

TEST_F(DatabaseTest, AConnectionAtWorkReadsItsEpochAgainBeforeItsNextWork) {
  database.run(OnLostConnection::give_up, [&](Session& session) {
    new_epoch();
    EXPECT_FALSE(database.refreshed(session.origin())) << "it is not idle";
  });
  EXPECT_EQ(epoch_known_to(database), owner.value<std::string>("SELECT evently.epoch()"));
}

}  // namespace
}  // namespace evently
