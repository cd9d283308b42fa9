// All connections of the server are taken: a service that has one goes on, another answers 503
// until there is room again.
#include <memory>

#include "tests/support/load.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"

namespace evently {
namespace {

constexpr Milliseconds patience{10'000};

// Takes every connection that is not kept for superusers, until it is destroyed.
class AllConnections {
 public:
  AllConnections() {
    constexpr std::size_t more_than_any = 1000;
    while (taken_.size() < more_than_any) {
      try {
        taken_.push_back(std::make_unique<pqxx::connection>(setting("DATABASE_URL")));
      } catch (const pqxx::broken_connection& error) {
        reason_ = error.what();
        return;
      }
    }
  }
  std::size_t count() const { return taken_.size(); }
  const std::string& reason() const { return reason_; }  // why there are no more

 private:
  std::vector<std::unique_ptr<pqxx::connection>> taken_;
  std::string reason_;
};

class ConnectionLimit : public ServiceTest {};

TEST_F(ConnectionLimit, AnswersTryAgainUntilThereIsRoom) {
  const auto user = new_user();
  const auto event = new_event(10);
  ServiceProcess late;  // has no connection yet
  HttpClient newcomer(late.url());
  {
    const AllConnections all;
    ASSERT_NE(all.reason().find("connection slots are reserved"), std::string::npos)
        << all.reason();
    for (int i = 0; i < 3; ++i) {
      const Reply reply = newcomer.post("/bookings", booking_fields(user, event));
      EXPECT_TRUE(is_problem(reply, 503, "unavailable"));
      EXPECT_EQ(reply.header("Retry-After"), "1");
    }
    EXPECT_EQ(newcomer.get("/ready").status, 503);
    EXPECT_EQ(newcomer.get("/health").status, 200);
    // The connected service goes on, and an operator can connect.
    EXPECT_EQ(book(user, event).status, 201);
    EXPECT_EQ(OwnerDatabase().live_seats(event), 1);
  }
  Reply reply;
  EXPECT_TRUE(eventually_true(patience, "still refused", [&] {
    reply = newcomer.post("/bookings", booking_fields(user, event));
    return reply.status == 201;
  })) << reply.body;
  EXPECT_EQ(newcomer.get("/ready").status, 200);
  EXPECT_EQ(database.live_seats(event), 2);
  EXPECT_EQ(late.log().find("\"status\":500"), std::string::npos);
}

// The pool wants to grow while it cannot.
TEST_F(ConnectionLimit, LosesNothingUnderLoad) {
  const auto event = new_event(100'000);
  const auto users = new_users(8);
  booked(users[0], event);
  const AllConnections all;
  BookingLoad load(users, event);
  EXPECT_TRUE(eventually_true(patience, "bookings do not go on",
                              [&] { return load.acknowledged() > 200; }));
  load.stop();
  for (const auto& [status, count] : load.statuses())
    EXPECT_TRUE(status == 201 || status == 200 || status == 503) << count << " times " << status;
  EXPECT_EQ(database.live_seats(event), static_cast<std::int64_t>(load.acknowledged()) + 1);
}

}  // namespace
}  // namespace evently
