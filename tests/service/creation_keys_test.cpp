// Idempotency-Key on POST /users, where it counts per address, and on POST /admin/events, where it
// counts per admin key.
#include <fstream>
#include <map>
#include <mutex>
#include <set>

#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

class CreationKeys : public ServiceTest {
 protected:
  static Headers key(const std::string& value) { return {{"Idempotency-Key", value}}; }

  static testing::AssertionResult is_replay(const Reply& reply, const Reply& first) {
    if (reply.status == 200 && reply.header("Idempotency-Replayed") == "true" &&
        reply.header("Location") == first.header("Location") && reply.body == first.body)
      return testing::AssertionSuccess();
    return testing::AssertionFailure() << reply.status << ' ' << reply.body;
  }

  const std::string email_ = unique_word("keyed") + "@example.com";
};

TEST_F(CreationKeys, AUserIsCreatedOnce) {
  const Json ann{{"email", email_}, {"name", "Ann"}};
  const Reply first = client.post("/users", ann, key("k"));
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  EXPECT_TRUE(is_replay(client.post("/users", ann, key("k")), first));
  EXPECT_TRUE(is_replay(client.post("/users", ann, key("\"k\"")), first));
  EXPECT_TRUE(is_replay(
      client.post("/users", {{"email", " K" + email_.substr(1)}, {"name", "Ann "}}, key("k")),
      first));
}

TEST_F(CreationKeys, AUserOfTheSameAddressNeedsTheSameKeyAndName) {
  const Json ann{{"email", email_}, {"name", "Ann"}};
  ASSERT_EQ(client.post("/users", ann, key("k")).status, 201);
  EXPECT_TRUE(is_problem(client.post("/users", ann), 409, "email-taken"));
  EXPECT_TRUE(is_problem(client.post("/users", ann, key("other")), 409, "email-taken"));
  EXPECT_TRUE(is_problem(client.post("/users", {{"email", email_}}, key("k")), 422,
                         "idempotency-key-reused"));
  EXPECT_EQ(client.post("/users", {{"email", "x" + email_}}, key("k")).status, 201)
      << "another address with the same key is another request";
}

TEST_F(CreationKeys, KeysAreChecked) {
  for (const std::string& bad : {std::string(), std::string(256, 'k'), std::string("\xff")}) {
    EXPECT_TRUE(
        has_faults(client.post("/users", {{"email", email_}}, key(bad)), {"Idempotency-Key"}));
    EXPECT_TRUE(
        has_faults(admin.post("/admin/events", event_fields(1), key(bad)), {"Idempotency-Key"}));
  }
  EXPECT_TRUE(has_faults(client.post("/users", {{"email", email_}, {"idempotency_key", "k"}}),
                         {"idempotency_key"}))
      << "only bookings take it in the body";
}

TEST_F(CreationKeys, AnEventIsCreatedOnce) {
  const std::string word = unique_word("k");
  Json fields = event_fields(5);
  const Reply first = admin.post("/admin/events", fields, key(word));
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_TRUE(is_replay(admin.post("/admin/events", fields, key(word)), first));
  fields["capacity"] = 6;
  EXPECT_TRUE(
      is_problem(admin.post("/admin/events", fields, key(word)), 422, "idempotency-key-reused"));
  fields["capacity"] = 5;
  ASSERT_EQ(admin.put(first.header("Location").insert(0, "/admin"), {{"capacity", 7}}).status, 200);
  const Reply now = admin.post("/admin/events", fields, key(word));
  EXPECT_EQ(now.status, 200);
  EXPECT_EQ(now.json()["capacity"], 7) << "as it is now";
  EXPECT_EQ(admin.post("/admin/events", fields).status, 201) << "without a key it is another one";
}

TEST_F(CreationKeys, ManyAtOnceCreateOneEvent) {
  const Json fields = event_fields(5);
  const std::string word = unique_word("k");
  std::mutex mutex;
  std::map<int, int> by_status;
  std::set<std::string> locations;
  together(8, [&](int) {
    const Reply reply = HttpClient().as_admin().post("/admin/events", fields, key(word));
    const std::lock_guard lock(mutex);
    ++by_status[reply.status];
    locations.insert(reply.header("Location"));
  });
  EXPECT_EQ(by_status, (std::map<int, int>{{200, 7}, {201, 1}}));
  EXPECT_EQ(locations.size(), 1u);
}

TEST_F(CreationKeys, AKeyBelongsToItsAdminKey) {
  const std::string path = testing::TempDir() + unique_word("admin-keys");
  std::ofstream(path) << "first-admin-key-of-two\nother-admin-key-of-two\n";
  const ServiceProcess service{{"ADMIN_KEY", ""}, {"ADMIN_KEY_FILE", path}};
  const Json fields = event_fields(5);
  const std::string word = unique_word("k");
  const auto post_as = [&](const std::string& admin_key) {
    return HttpClient(service.url())
        .post("/admin/events", fields, {{"X-Admin-Key", admin_key}, {"Idempotency-Key", word}});
  };
  const Reply first = post_as("first-admin-key-of-two");
  ASSERT_EQ(first.status, 201) << first.body;
  const Reply other = post_as("other-admin-key-of-two");
  EXPECT_EQ(other.status, 201) << other.body;
  EXPECT_NE(other.header("Location"), first.header("Location"));
  EXPECT_TRUE(is_replay(post_as("first-admin-key-of-two"), first));
  std::remove(path.c_str());
}

}  // namespace
}  // namespace evently
