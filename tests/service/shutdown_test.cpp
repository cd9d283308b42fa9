// SIGTERM lets running requests finish; a second one ends the service at once. Also SIGHUP, and
// what a service says that cannot start.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <thread>

#include "tests/service/support/eventually.h"
#include "tests/service/support/service_process.h"
#include "tests/service/support/service_test.h"

namespace evently {
namespace {

class Shutdown : public ServiceTest {
 protected:
  // Sends a booking that hangs on the lock of its event.
  std::thread hang(const std::string& url, std::int64_t user, std::int64_t event,
                   std::optional<Reply>& reply) {
    std::thread client([=, &reply] {
      reply = HttpClient(url).try_send("POST", "/bookings", booking_fields(user, event).dump());
    });
    EXPECT_TRUE(eventually_true(Milliseconds(2000), "nobody waits",
                                [&] { return database.waiting_for_lock() == 1; }));
    return client;
  }
};

TEST_F(Shutdown, LetsARunningRequestFinish) {
  const auto user = new_user();
  const auto event = new_event(5);
  ServiceProcess service;
  HttpClient idle(service.url());
  ASSERT_EQ(idle.get("/health").status, 200);  // and stays connected
  std::optional<Reply> reply;
  HeldEvent held(event);
  std::thread running = hang(service.url(), user, event, reply);
  service.signal(SIGTERM);
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "new clients are served", [&] {
    return !HttpClient(service.url()).try_send("GET", "/health");
  }));
  EXPECT_EQ(service.exit_status(Milliseconds(0)), std::nullopt);
  held.release();
  running.join();
  ASSERT_TRUE(reply) << "cut off";
  EXPECT_EQ(reply->status, 201) << reply->body;
  EXPECT_EQ(service.exit_status(Milliseconds(2000)), 0) << service.log();
}

// Lines are collected under load; the last of them must not need another one to be written.
TEST_F(Shutdown, TheLogHasEveryAnswerASecondLaterAndAtTheEnd) {
  ServiceProcess service;
  HttpClient client(service.url());
  const auto send = [&](const std::string& request_id) {
    EXPECT_EQ(client.get("/health", {{"X-Request-Id", request_id}}).status, 200);
  };
  const auto is_logged = [&](const std::string& request_id) {
    return service.log().find('"' + request_id + '"') != std::string::npos;
  };
  for (int i = 0; i < 100; ++i) send("burst-" + std::to_string(i));
  EXPECT_TRUE(
      eventually_true(Milliseconds(1500), "not written", [&] { return is_logged("burst-99"); }));
  for (int i = 100; i < 200; ++i) send("burst-" + std::to_string(i));
  service.signal(SIGTERM);
  ASSERT_EQ(service.exit_status(Milliseconds(2000)), 0);
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(is_logged("burst-" + std::to_string(i))) << i;
}

TEST_F(Shutdown, EndsAtOnceWhenAskedTwice) {
  const auto user = new_user();
  const auto event = new_event(5);
  ServiceProcess service;
  std::optional<Reply> reply;
  HeldEvent held(event);
  std::thread running = hang(service.url(), user, event, reply);
  service.signal(SIGTERM);
  ASSERT_EQ(service.exit_status(Milliseconds(200)), std::nullopt);
  service.signal(SIGTERM);
  EXPECT_EQ(service.exit_status(Milliseconds(1000)), 128 + SIGTERM);
  running.join();
  EXPECT_FALSE(reply);
}

TEST_F(Shutdown, IdleEndsAtOnceOnCtrlC) {
  ServiceProcess service;
  HttpClient idle(service.url());
  ASSERT_EQ(idle.get("/events").status, 200);
  service.signal(SIGINT);
  EXPECT_EQ(service.exit_status(Milliseconds(2000)), 0) << service.log();
}

TEST_F(Shutdown, ItsPortIsFreeAgainAtOnce) {
  ServiceProcess first;
  ASSERT_EQ(HttpClient(first.url()).get("/health").status, 200);
  first.signal(SIGTERM);
  ASSERT_EQ(first.exit_status(Milliseconds(2000)), 0);
  const ServiceProcess second{{"PORT", first.url().substr(first.url().rfind(':') + 1)}};
  EXPECT_EQ(second.url(), first.url());
}

TEST_F(Shutdown, HangUpReadsTheAdminKeyAgain) {
  char path[] = "/tmp/evently-admin-key-XXXXXX";
  const int file = mkstemp(path);
  ASSERT_GE(file, 0);
  close(file);
  std::ofstream(path) << "first-key\n";
  ServiceProcess service{{"ADMIN_KEY", ""}, {"ADMIN_KEY_FILE", path}};
  HttpClient one(service.url());
  const auto status = [&](const char* key) {
    return one.get("/admin/analytics", {{"X-Admin-Key", key}}).status;
  };
  EXPECT_EQ(status("first-key"), 200);
  EXPECT_EQ(status("second-key"), 401);
  std::ofstream(path) << "second-key\n";
  service.signal(SIGHUP);
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "the new key does not count",
                              [&] { return status("second-key") == 200; }));
  EXPECT_EQ(status("first-key"), 401);
  // A key file that is gone must not lock the administrators out, nor let everybody in.
  unlink(path);
  service.signal(SIGHUP);
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "no word of it", [&] {
    return service.log().find("the old key stays") != std::string::npos;
  }));
  EXPECT_EQ(status("second-key"), 200);
  EXPECT_EQ(status(""), 401);
}

TEST_F(Shutdown, WithoutAKeyNobodyIsAnAdministrator) {
  ServiceProcess service{{"ADMIN_KEY", ""}};
  HttpClient one(service.url());
  EXPECT_EQ(one.get("/events").status, 200);
  EXPECT_TRUE(is_problem(one.get("/admin/users"), 401, "admin-key-required"));
  EXPECT_TRUE(
      is_problem(one.get("/admin/users", {{"X-Admin-Key", ""}}), 401, "admin-key-required"));
}

}  // namespace
}  // namespace evently
