// What the bridge is made of, as far as it needs no servers: settings, waiting, metrics.
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <map>

#include "redis_bridge/bridge/bridge_config.h"
#include "redis_bridge/bridge/metrics_server.h"
#include "redis_bridge/bridge/postgres_session.h"
#include "redis_bridge/bridge/stop_event.h"

namespace evently {
namespace {

using Clock = StopEvent::Clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A socket that listens on 127.0.0.1 and says nothing, like a server that was stopped.
class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(socket_, 5) != 0 ||
        getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port = ntohs(address.sin_port);
  }
  ~SilentServer() { close(socket_); }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  int port = 0;

 private:
  int socket_;
};

struct Read {
  BridgeConfig config;
  std::vector<std::string> errors;
};

Read read(std::map<std::string, std::string> variables) {
  Environment environment([&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
  Read result{read_bridge_config(environment), {}};
  result.errors = environment.errors();
  return result;
}

TEST(BridgeConfig, HasDefaults) {
  const auto [config, errors] =
      read({{"DATABASE_URL", "postgresql://b:secret@h/evently"}, {"REDIS_URL", "redis://r:7000"}});
  EXPECT_TRUE(errors.empty());
  EXPECT_EQ(config.database_url, "postgresql://b:secret@h/evently");
  EXPECT_EQ(config.redis.host, "r");
  EXPECT_EQ(config.metrics_port, 8081);
  EXPECT_EQ(config.lease, milliseconds(1000));
  EXPECT_EQ(config.heartbeat, milliseconds(250));
  EXPECT_EQ(config.gather, milliseconds(20));
  EXPECT_EQ(config.touched_interval, milliseconds(500));
}

TEST(BridgeConfig, ReportsAllFaultsAtOnce) {
  EXPECT_EQ(read({}).errors,
            (std::vector<std::string>{"DATABASE_URL: must be set", "REDIS_URL: must be set"}));
  const auto errors = read({{"DATABASE_URL", "postgresql://b:secret@h:port/evently?x=secret"},
                            {"REDIS_URL", "rediss://:secret@h"},
                            {"EVENTLY_BRIDGE_METRICS_PORT", "65536"},
                            {"EVENTLY_LEASE_MS", "soon"},
                            {"EVENTLY_HEARTBEAT_MS", "0"},
                            {"EVENTLY_GATHER_MS", "-1"},
                            {"EVENTLY_TOUCHED_INTERVAL_MS", "1.5"}})
                          .errors;
  EXPECT_EQ(errors.size(), 7u);
  for (const std::string& error : errors) EXPECT_EQ(error.find("secret"), std::string::npos);
}

TEST(BridgeConfig, TheHeartMustBeatTwiceALease) {
  std::map<std::string, std::string> variables{{"DATABASE_URL", "dbname=evently"},
                                               {"REDIS_URL", "redis://h"},
                                               {"EVENTLY_LEASE_MS", "400"},
                                               {"EVENTLY_HEARTBEAT_MS", "200"}};
  EXPECT_TRUE(read(variables).errors.empty());
  variables["EVENTLY_HEARTBEAT_MS"] = "201";
  EXPECT_EQ(read(variables).errors.size(), 1u);
}

TEST(StopEvent, WaitsUntilTheDeadline) {
  const StopEvent stop;
  const auto start = Clock::now();
  EXPECT_EQ(stop.wait(-1, 0, start + milliseconds(20)), 0);
  EXPECT_GE(Clock::now() - start, milliseconds(20));
  EXPECT_EQ(stop.wait(-1, 0, start), 0);
  EXPECT_NO_THROW(stop.check());
}

TEST(StopEvent, EndsAWaitFromAnotherThread) {
  StopEvent stop;
  auto waiter = std::async(std::launch::async, [&] {
    EXPECT_THROW(stop.wait(-1, 0, Clock::now() + seconds(60)), Stopped);
  });
  stop.set();
  stop.set();
  ASSERT_EQ(waiter.wait_for(seconds(10)), std::future_status::ready);
  EXPECT_THROW(stop.check(), Stopped) << "it stays set";
}

TEST(StopEvent, TellsWhenTheSocketIsReady) {
  const StopEvent stop;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(stop.wait(ends[0], POLLIN, Clock::now() + milliseconds(5)), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(stop.wait(ends[0], POLLIN, Clock::now() + seconds(60)), POLLIN);
  close(ends[0]);
  close(ends[1]);
}

TEST(PostgresSession, ASilentServerDoesNotHoldUpTheStop) {
  const SilentServer server;
  StopEvent stop;
  const std::string url =
      "postgresql://b@127.0.0.1:" + std::to_string(server.port) + "/x?sslmode=disable";
  auto connecting =
      std::async(std::launch::async, [&] { EXPECT_THROW(PostgresSession(url, stop), Stopped); });
  stop.set();
  // Sooner than the 5 s after which it would give up by itself.
  EXPECT_EQ(connecting.wait_for(seconds(3)), std::future_status::ready);
}

TEST(PostgresSession, ARefusedConnectionIsAnError) {
  const StopEvent stop;
  EXPECT_THROW(PostgresSession("postgresql://b@127.0.0.1:1/x", stop), PostgresError);
}

TEST(PostgresUrl, IsValidAsLibpqSeesIt) {
  EXPECT_TRUE(valid_postgres_url("postgresql://u:p@h:5432/d"));
  EXPECT_TRUE(valid_postgres_url("host=h dbname=d"));
  EXPECT_FALSE(valid_postgres_url("postgresql://h?nonsense=1"));
  EXPECT_FALSE(valid_postgres_url("mysql://h/d"));
}

TEST(BridgeMetrics, TellTheLagOfTheOldestNotification) {
  BridgeMetrics metrics;
  const auto now = BridgeMetrics::Clock::now();
  EXPECT_NE(metrics.text(now).find("evently_bridge_lag_seconds 0\n"), std::string::npos);
  metrics.oldest_unapplied(now - seconds(3));
  EXPECT_NE(metrics.text(now).find("evently_bridge_lag_seconds 3\n"), std::string::npos);
  metrics.oldest_unapplied(std::nullopt);
  EXPECT_NE(metrics.text(now).find("evently_bridge_lag_seconds 0\n"), std::string::npos);
}

TEST(BridgeMetrics, CountWhatHappens) {
  BridgeMetrics metrics;
  const auto now = BridgeMetrics::Clock::now();
  metrics.notifications_received(2);
  metrics.resynced();
  metrics.events_applied(40);
  metrics.applied_after(milliseconds(30));
  metrics.lease_renewed(now - seconds(2));
  metrics.postgresql_connected(true);
  metrics.redis_connected(false);
  const std::string text = metrics.text(now);
  for (const char* line :
       {"evently_bridge_notifications_total 2\n", "evently_bridge_resyncs_total 1\n",
        "evently_bridge_events_applied_total 40\n", "evently_bridge_apply_seconds_count 1\n",
        "evently_bridge_apply_seconds_bucket{le=\"0.025\"} 0\n",
        "evently_bridge_apply_seconds_bucket{le=\"0.05\"} 1\n",
        "evently_bridge_lease_age_seconds 2\n", "evently_bridge_connected{side=\"postgresql\"} 1\n",
        "evently_bridge_connected{side=\"redis\"} 0\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

class MetricsServerTest : public testing::Test {
 protected:
  // The port of a server that has just gone; another program may take it first, so a few are tried.
  std::unique_ptr<MetricsServer> serve() {
    for (int attempt = 0; attempt < 5; ++attempt) {
      port = SilentServer().port;
      try {
        return std::make_unique<MetricsServer>(port, metrics);
      } catch (const std::runtime_error&) {
        continue;
      }
    }
    return nullptr;
  }
  BridgeMetrics metrics;
  int port = 0;
};

TEST_F(MetricsServerTest, ServesMetricsAndHealth) {
  const auto server = serve();
  ASSERT_TRUE(server);
  httplib::Client client("127.0.0.1", port);
  const auto health = client.Get("/health");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->status, 200);
  EXPECT_EQ(health->body, "{\"status\":\"ok\"}\n");
  const auto text = client.Get("/metrics");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->status, 200);
  EXPECT_NE(text->body.find("evently_bridge_lag_seconds"), std::string::npos);
  EXPECT_EQ(client.Get("/x")->status, 404);
}

TEST_F(MetricsServerTest, RefusesAPortInUse) {
  const SilentServer other;
  EXPECT_THROW(MetricsServer(other.port, metrics), std::runtime_error);
  const auto server = serve();
  ASSERT_TRUE(server);
  EXPECT_THROW(MetricsServer(port, metrics), std::runtime_error) << "not shared with another one";
}

TEST_F(MetricsServerTest, EndsAtOnce) {
  for (int i = 0; i < 20; ++i) {
    auto server = serve();
    ASSERT_TRUE(server);
    auto ending = std::async(std::launch::async, [&] { server.reset(); });
    ASSERT_EQ(ending.wait_for(seconds(10)), std::future_status::ready);
  }
}

}  // namespace
}  // namespace evently
