// What all of /admin has in common, its users, its figures and its demo data.
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

class RestAdmin : public ServiceTest {};

struct Call {
  const char* method;
  const char* path;
  const char* body;
};

// Each would be refused for something else as well, or change something, were the key not asked
// first.
constexpr Call admin_calls[] = {
    {"GET", "/admin/users", ""},
    {"GET", "/admin/users?limit=x", ""},
    {"POST", "/admin/events", R"({"name":"x","start_at":"2099-01-01T00:00:00Z","capacity":1})"},
    {"POST", "/admin/events", "{"},
    {"PUT", "/admin/events/9007199254740993", R"({"name":"x"})"},
    {"DELETE", "/admin/events/9007199254740993", ""},
    {"DELETE", "/admin/users/9007199254740993", ""},
    {"GET", "/admin/events/9007199254740993/bookings", ""},
    {"GET", "/admin/analytics", ""},
    {"POST", "/admin/seed_demo_data", ""},
};

TEST_F(RestAdmin, AsksForTheKey) {
  const auto events = database.value<std::int64_t>("SELECT count(*) FROM evently.events");
  const std::string key = setting("ADMIN_KEY");
  const Headers wrong[] = {{},
                           {{"X-Admin-Key", ""}},
                           {{"X-Admin-Key", "wrong"}},
                           {{"X-Admin-Key", key.substr(1)}},
                           {{"X-Admin-Key", key + "x"}},
                           {{"Authorization", "Bearer " + key}}};
  for (const Call& call : admin_calls)
    for (const Headers& headers : wrong) {
      const Reply reply = client.send(call.method, call.path, call.body, headers);
      EXPECT_TRUE(is_problem(reply, 401, "admin-key-required")) << call.method << " " << call.path;
      EXPECT_FALSE(reply.header("WWW-Authenticate").empty());
    }
  EXPECT_EQ(database.value<std::int64_t>("SELECT count(*) FROM evently.events"), events);
}

TEST_F(RestAdmin, ListsUsersNewestFirst) {
  const std::string email = unique_word("listed") + "@example.com";
  const Json user = client.post("/users", {{"email", email}, {"name", "Listed"}}).json();
  const auto older = new_user();
  const auto newer = new_user();

  const Reply reply = admin.get("/admin/users?limit=3");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json users = reply.json();
  ASSERT_EQ(users.size(), 3u);
  EXPECT_EQ(users[0]["id"], newer);
  EXPECT_EQ(users[1]["id"], older);
  EXPECT_EQ(users[2], user);
}

TEST_F(RestAdmin, ListsAHundredUsersByDefault) {
  new_users(101);
  const Reply reply = admin.get("/admin/users");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json().size(), 100u);
}

TEST_F(RestAdmin, UsersAreRefusedWithAWrongLimit) {
  for (const char* limit : {"0", "-1", "abc", "", "99999999999999999999"})
    EXPECT_TRUE(has_faults(admin.get(std::string("/admin/users?limit=") + limit), {"limit"}))
        << limit;
}

TEST_F(RestAdmin, DeletesAUserAndGivesTheSeatsBack) {
  const auto user = new_user();
  const auto event = new_event(10);
  const auto other_event = new_event(10);
  booked(user, event, 3);
  const auto cancelled = booked(user, event, 2);
  ASSERT_EQ(client.del("/bookings/" + std::to_string(cancelled)).status, 200);
  booked(user, other_event, 10);
  const auto buyer = new_user();
  booked(buyer, event, 1);

  const std::string path = "/admin/users/" + std::to_string(user);
  const Reply reply = admin.del(path);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(database.seats_available(event), 9);
  EXPECT_EQ(database.seats_available(other_event), 10);
  EXPECT_TRUE(eventually_true(Milliseconds(1000), "the seats do not sell again",
                              [&] { return book(buyer, other_event, 10).status == 201; }));
  EXPECT_TRUE(is_problem(admin.del(path), 404, "user-not-found"));
  EXPECT_TRUE(is_problem(client.get("/users/" + std::to_string(user) + "/bookings"), 404,
                         "user-not-found"));
}

// Another application's table may refer to ours.
TEST_F(RestAdmin, DoesNotDeleteWhatOtherTablesReferTo) {
  const auto user = new_user();
  const auto event = new_event(5);
  database.run(
      "CREATE TABLE public.invoices (user_id bigint REFERENCES evently.users, event_id bigint"
      " REFERENCES evently.events)");
  database.run("INSERT INTO public.invoices VALUES (" + std::to_string(user) + ", " +
               std::to_string(event) + ")");
  for (const std::string& path :
       {"/admin/users/" + std::to_string(user), "/admin/events/" + std::to_string(event)})
    EXPECT_TRUE(is_problem(admin.del(path), 409, "still-referenced")) << path;
  database.run("DROP TABLE public.invoices");
  EXPECT_EQ(admin.del("/admin/users/" + std::to_string(user)).status, 204);
}

TEST_F(RestAdmin, DoesNotDeleteUsersThatAreNone) {
  for (const std::string& id : Texts{unused_id, largest_id, "0"})
    EXPECT_TRUE(is_problem(admin.del("/admin/users/" + id), 404, "user-not-found"));
  for (const std::string& id : Texts{impossible_id, "abc"}) {
    const Reply reply = admin.del("/admin/users/" + id);
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << reply.body;
  }
}

Json row_of(const Json& analytics, std::int64_t event_id) {
  for (const Json& row : analytics.at("events"))
    if (row["event_id"] == event_id) return row;
  return nullptr;
}

TEST_F(RestAdmin, CountsWhatIsSold) {
  const auto event = new_event(8);
  const auto nothing = new_event(0);
  const std::int64_t before = admin.get("/admin/analytics").json()["total_confirmed_bookings"];
  booked(new_user(), event, 2);
  booked(new_user(), event, 1);
  const auto cancelled = booked(new_user(), event, 4);
  ASSERT_EQ(client.del("/bookings/" + std::to_string(cancelled)).status, 200);

  const Reply reply = admin.get("/admin/analytics");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const Json analytics = reply.json();
  EXPECT_EQ(analytics["total_confirmed_bookings"], before + 2);
  const Json row = row_of(analytics, event);
  ASSERT_TRUE(row.is_object());
  EXPECT_TRUE(row["name"].is_string());
  EXPECT_EQ(row["total_confirmed_bookings"], 2);
  EXPECT_EQ(row["confirmed_seats"], 3);
  EXPECT_EQ(row["capacity"], 8);
  EXPECT_EQ(row["seats_available"], 5);
  EXPECT_DOUBLE_EQ(row["capacity_utilization_pct"].get<double>(), 37.5);
  EXPECT_EQ(row_of(analytics, nothing)["capacity_utilization_pct"], 0) << "no division by nothing";
}

TEST_F(RestAdmin, SeedsDemoDataOnce) {
  const Reply first = admin.send("POST", "/admin/seed_demo_data");
  ASSERT_EQ(first.status, 201) << first.body;
  const Json counts = first.json();
  EXPECT_GE(counts["users"], 3);
  EXPECT_GE(counts["events"], 3);
  EXPECT_GE(counts["bookings"], 2);
  const Reply second = admin.send("POST", "/admin/seed_demo_data");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.json(), counts) << "what is there stays";
  // A body is of no use there, and of no harm.
  EXPECT_EQ(admin.post("/admin/seed_demo_data", Json::object()).status, 201);
}

}  // namespace
}  // namespace evently
