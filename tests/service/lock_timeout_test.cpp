// What happens to requests that wait for the lock of an event, and how the log of the service leads
// to the line that PostgreSQL wrote about it.
#include <optional>
#include <sstream>
#include <thread>

#include "runtime/random_id.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr int lock_timeout_ms = 200;
constexpr int retries = 2;
constexpr Milliseconds bounded{(retries + 1) * (lock_timeout_ms + 200) + 1000};

class LockTimeout : public ServiceTest {
 protected:
  // Short time-outs, so that the test is not as long as a patient client's wait.
  ServiceProcess service{{"EVENTLY_LOCK_TIMEOUT_MS", std::to_string(lock_timeout_ms)},
                         {"MAX_RETRIES", std::to_string(retries)}};
  HttpClient impatient{service.url()};

  // The log line of a request, if it is written already.
  Json line_of(const std::string& request_id) {
    std::istringstream lines(service.log());
    std::string line;
    while (std::getline(lines, line)) {
      const Json entry = Json::parse(line, nullptr, false);
      if (entry.is_object() && entry.contains("status") &&
          entry.value("request_id", "") == request_id)
        return entry;
    }
    return nullptr;
  }
};

TEST_F(LockTimeout, EndsInA503WithinABoundedTime) {
  const auto user = new_user();
  const auto event = new_event(5);
  const auto other_event = new_event(5);
  const auto id = booked(user, event);
  const HeldEvent held(event);

  const auto start = Clock::now();
  const Reply reply = impatient.post("/bookings", booking_fields(user, event));
  EXPECT_TRUE(is_problem(reply, 503, "busy"));
  EXPECT_GE(since(start), Milliseconds(lock_timeout_ms * (retries + 1))) << "it was not retried";
  EXPECT_LT(since(start), bounded);
  EXPECT_TRUE(is_problem(impatient.del("/bookings/" + std::to_string(id)), 503, "busy"));

  // Requests that do not need that lock do not wait for it.
  const auto other_start = Clock::now();
  EXPECT_EQ(impatient.post("/bookings", booking_fields(user, other_event)).status, 201);
  EXPECT_EQ(impatient.get("/events/" + std::to_string(event)).status, 200);
  EXPECT_EQ(impatient.get("/events").status, 200);
  EXPECT_LT(since(other_start), Milliseconds(lock_timeout_ms));
}

TEST_F(LockTimeout, LeavesTheKeyFreeAndTheTokensRight) {
  const auto user = new_user();
  const auto event = new_event(1);
  {
    const HeldEvent held(event);
    EXPECT_TRUE(is_problem(impatient.post("/bookings", booking_fields(user, event, 1, "key")), 503,
                           "busy"));
  }
  // Tokens taken for it come home with the next look at the event, half a second at most.
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "sold out, falsely", [&] {
    return impatient.post("/bookings", booking_fields(user, event, 1, "key")).status == 201;
  }));
}

TEST_F(LockTimeout, IsRetriedWhileTheClientWaits) {
  const auto user = new_user();
  const auto event = new_event(5);
  std::optional<HeldEvent> held(std::in_place, event);
  const auto log_before = part_log_bytes("postgres");
  std::optional<Reply> reply;
  std::thread waiting([&] { reply = impatient.post("/bookings", booking_fields(user, event)); });
  EXPECT_TRUE(eventually_true(Milliseconds(2000), "no backend waits",
                              [&] { return database.waiting_for_lock() == 1; }));
  // Seen in the log: the pause before the next attempt is too short to be met for certain.
  EXPECT_TRUE(eventually_true(Milliseconds(2000), "the first attempt does not end", [&] {
    return part_log("postgres", log_before).find("due to lock timeout") != std::string::npos;
  }));
  held.reset();
  waiting.join();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 201) << reply->body;
}

TEST_F(LockTimeout, IsFoundInTheLogOfPostgresql) {
  const auto user = new_user();
  const auto event = new_event(5);
  const std::string trace_id = time_ordered_id();
  const auto log_before = part_log_bytes("postgres");
  std::string request_id;
  {
    const HeldEvent held(event);
    const Reply reply =
        impatient.post("/bookings", booking_fields(user, event),
                       {{"traceparent", "00-" + trace_id + "-00f067aa0ba902b7-01"}});
    ASSERT_EQ(reply.status, 503);
    request_id = reply.header("X-Request-Id");
  }
  ASSERT_FALSE(request_id.empty());
  Json line;
  ASSERT_TRUE(eventually_true(Milliseconds(1000), "the request is not in the log", [&] {
    return (line = line_of(request_id)).is_object();
  })) << service.log();
  EXPECT_EQ(line["status"], 503);
  EXPECT_EQ(line["route"], "/bookings") << line;
  EXPECT_EQ(line["trace_id"], trace_id) << line;
  EXPECT_EQ(line["parent_span_id"], "00f067aa0ba902b7") << line;
  const std::string id = "t-" + trace_id.substr(16);
  EXPECT_EQ(line["statement_ids"], Json(Texts(retries + 1, id))) << line;
  EXPECT_TRUE(eventually_true(Milliseconds(1000), id + " is not in PostgreSQL's log", [&] {
    const std::string log = part_log("postgres", log_before);
    int found = 0;
    for (std::size_t at = 0; (at = log.find(id, at)) != std::string::npos; ++at) ++found;
    return found >= retries + 1;
  }));
}

}  // namespace
}  // namespace evently
