// SIGTERM lets running requests finish; a second one ends the service at once.
#include <signal.h>

#include <optional>
#include <thread>

#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

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
    EXPECT_TRUE(eventually_true(Milliseconds(2000), "no backend waits",
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

}  // namespace
}  // namespace evently
