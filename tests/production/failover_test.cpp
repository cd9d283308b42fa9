// The primary is killed under load and its synchronous standby promoted: no acknowledged booking is
// lost, none is doubled, service and bridge go on by themselves, and what Redis says is true again
// in time. Run it by with_standby.
#include <signal.h>

#include <algorithm>
#include <iostream>

#include "tests/support/bridge_process.h"
#include "tests/support/load.h"
#include "tests/support/redis.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/chaos_row.h"
#include "tests/support/sessions/database.h"
#include "tests/support/sold_out.h"

namespace evently {
namespace {

constexpr Milliseconds patience{15'000};
constexpr Milliseconds outage_max{10'000};
constexpr int capacity = 1'000'000;

// DATABASE_URL with both servers, of which libpq takes the one that can be written to.
std::string url_of_either() {
  const std::string standby = setting("EVENTLY_STANDBY_URL");
  const std::size_t colon = standby.rfind(':');
  const std::string port = standby.substr(colon + 1, standby.rfind('/') - colon - 1);
  std::string url = setting("DATABASE_URL");
  return url.insert(url.rfind('/'), ",127.0.0.1:" + port) + "?target_session_attrs=read-write";
}

class Failover : public testing::Test {
 protected:
  // From here on a commit is acknowledged only when the standby has it.
  void require_standby() {
    primary_.run("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary_.run("SELECT pg_reload_conf()");
    ASSERT_TRUE(eventually_true(patience, "the standby is not synchronous", [&] {
      return primary_.value<int>(
                 "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == 1;
    }));
  }

  std::vector<std::int64_t> new_users(int count) {
    std::vector<std::int64_t> users;
    for (int i = 0; i < count; ++i)
      users.push_back(primary_.value<std::int64_t>("SELECT id FROM evently.create_user('" +
                                                   unique_word("failover") + "@example.com')"));
    return users;
  }

  std::int64_t new_event(int seats) {
    return primary_.value<std::int64_t>(
        "SELECT id FROM evently.create_event('Failing over', now() + interval '1 day', " +
        std::to_string(seats) + ")");
  }

  // Stops sending to the standby first: a booking acknowledged after that would be lost for
  // certain, as is the booking of `last_seat`'s event, which does not ask for the standby. Redis
  // hears of it.
  void kill_primary(std::int64_t user, std::int64_t last_seat) {
    const pid_t sender = primary_.value<int>("SELECT pid FROM pg_stat_replication");
    const Frozen cut_off(sender);
    ASSERT_TRUE(eventually_true(patience, "no session waits for the standby", [&] {
      return primary_.value<int>(
                 "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") > 0;
    }));
    primary_.run("SET synchronous_commit = local");
    primary_.run("SELECT evently.book(" + std::to_string(user) + ", " + std::to_string(last_seat) +
                 ")");
    ASSERT_TRUE(tokens_become(last_seat, 0, patience));
    kill_part("postgres");
    kill(sender, SIGKILL);
  }

  OwnerDatabase primary_;
  OwnerDatabase standby_{setting("EVENTLY_STANDBY_URL")};
};

TEST_F(Failover, LosesNoAcknowledgedBooking) {
  ASSERT_NO_FATAL_FAILURE(require_standby());
  const auto users = new_users(8);
  const auto event = new_event(capacity);
  const auto last_seat = new_event(1);
  const BridgeProcess bridge(ServiceProcess::Settings{{"DATABASE_URL", url_of_either()}});
  ServiceProcess service(ServiceProcess::Settings{{"DATABASE_URL", url_of_either()}});
  BookingLoad load(users, event, service.url());
  ASSERT_TRUE(eventually_true(patience, "no bookings", [&] { return load.acknowledged() > 200; }));

  ASSERT_NO_FATAL_FAILURE(kill_primary(users[0], last_seat));
  const auto killed = Clock::now();
  const auto before = load.acknowledged();
  ASSERT_TRUE(standby_.value<bool>("SELECT pg_promote()"));
  const auto promoted = Clock::now();
  EXPECT_TRUE(eventually_true(outage_max, "the service does not go on",
                              [&] { return load.acknowledged() > before; }));
  const auto outage = since(killed);
  Milliseconds sold_out_for{0};
  EXPECT_TRUE(is_on_sale_again(service.url(), last_seat, promoted, sold_out_for));
  EXPECT_LE(sold_out_for, put_right_within);
  EXPECT_TRUE(tokens_become(last_seat, 1, put_right_within));
  EXPECT_TRUE(eventually_true(patience, "bookings do not go on",
                              [&] { return load.acknowledged() > before + 200; }));
  load.stop();

  load.expect_kept(standby_, event);
  const auto acknowledged = static_cast<std::int64_t>(load.acknowledged());
  EXPECT_EQ(standby_.live_seats(event), acknowledged);
  EXPECT_EQ(standby_.seats_available(event), capacity - acknowledged);
  EXPECT_TRUE(tokens_become(event, standby_.seats_available(event), put_right_within));
  std::cout << acknowledged << " bookings acknowledged, " << before
            << " of them before the failover, which took " << outage.count()
            << " ms; a seat that only the primary had sold was refused for " << sold_out_for.count()
            << " ms\n";
  add_to_chaos_row("kill -9 of the primary, its standby promoted", 1, load.acknowledged(), outage);
}

}  // namespace
}  // namespace evently
