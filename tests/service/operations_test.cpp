// What operators and developers look at, and what holds for every route.
#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

class RestOperations : public ServiceTest {
 protected:
  // 0 when it is not there (yet).
  double metric(const std::string& series) { return metric_of(client, series).value_or(0); }
  bool has_family(const std::string& name) {
    return client.get("/metrics").body.find("\n# TYPE " + name + " ") != std::string::npos;
  }
};

const std::pair<std::string, std::string> every_route[] = {
    {"GET", "/health"},
    {"GET", "/ready"},
    {"GET", "/metrics"},
    {"GET", "/openapi.json"},
    {"GET", "/docs"},
    {"POST", "/users"},
    {"GET", "/users/{}"},
    {"GET", "/users/{}/bookings"},
    {"GET", "/events"},
    {"GET", "/events/{}"},
    {"POST", "/bookings"},
    {"GET", "/bookings/{}"},
    {"DELETE", "/bookings/{}"},
    {"GET", "/admin/users"},
    {"DELETE", "/admin/users/{}"},
    {"POST", "/admin/events"},
    {"PUT", "/admin/events/{}"},
    {"DELETE", "/admin/events/{}"},
    {"GET", "/admin/events/{}/bookings"},
    {"GET", "/admin/analytics"},
    {"POST", "/admin/seed_demo_data"},
};

std::string without_names(const std::string& path) {
  return std::regex_replace(path, std::regex("\\{[^}]*\\}"), "{}");
}

std::string example(const std::string& path) {
  return std::regex_replace(path, std::regex("\\{[^}]*\\}"), unused_id);
}

std::set<std::string> words(const std::string& list) {
  std::set<std::string> result;
  std::istringstream stream(std::regex_replace(list, std::regex(","), " "));
  std::string word;
  while (stream >> word) result.insert(word);
  return result;
}

TEST_F(RestOperations, Health) {
  const Reply reply = client.get("/health");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.json(), Json({{"status", "ok"}}));
}

TEST_F(RestOperations, ReadyTellsOfDatabaseAndRedis) {
  Reply reply;
  const std::string redis = redis_runs() ? "ok" : "unavailable";
  EXPECT_TRUE(eventually_true(Milliseconds(3000), "redis is not " + redis, [&] {
    reply = client.get("/ready");
    return reply.status == 200 && reply.json().value("redis", "") == redis;
  })) << reply.body;
  EXPECT_EQ(reply.json()["database"], "ok");
}

TEST_F(RestOperations, EveryRequestHasAnId) {
  const std::string first = client.get("/health").header("X-Request-Id");
  const std::string second = client.get("/nowhere").header("X-Request-Id");
  EXPECT_FALSE(first.empty());
  EXPECT_FALSE(second.empty());
  EXPECT_NE(first, second);
  EXPECT_EQ(client.get("/health", {{"X-Request-Id", "mine-1"}}).header("X-Request-Id"), "mine-1");
  for (const std::string& id : Texts{"two words", std::string(500, 'x'), "quote\"brace}"}) {
    const std::string given = client.get("/health", {{"X-Request-Id", id}}).header("X-Request-Id");
    EXPECT_FALSE(given.empty());
    EXPECT_NE(given, id) << "it would go into the log as it is";
  }
}

TEST_F(RestOperations, EveryRequestIsInTheLog) {
  const Reply reply = client.get("/events/" + unused_id);
  const std::string id = reply.header("X-Request-Id");
  Json line;
  ASSERT_TRUE(eventually_true(Milliseconds(1000), "not in the log", [&] {
    std::istringstream lines(part_log("api"));
    std::string text;
    // The last one may still be being written, and is no object then.
    while (std::getline(lines, text))
      if (text.find(id) != std::string::npos) line = Json::parse(text, nullptr, false);
    return line.is_object();
  }));
  EXPECT_EQ(line["request_id"], id);
  EXPECT_EQ(line["method"], "GET");
  EXPECT_EQ(line["route"], "/events/{id}");
  EXPECT_EQ(line["status"], 404);
  EXPECT_EQ(line["code"], "event-not-found");
  EXPECT_EQ(line["remote"], "127.0.0.1");
  EXPECT_EQ(line["statement_ids"].size(), 1u) << line;
  EXPECT_TRUE(line["duration_ms"].is_number());
}

TEST_F(RestOperations, TheLogKeepsNoSecrets) {
  const std::size_t before = part_log_bytes("api");
  const std::string email = unique_word("private") + "@example.com";
  ASSERT_EQ(client.post("/users", {{"email", email}}).status, 201);
  ASSERT_EQ(client.post("/users", {{"email", email}}).status, 409);
  ASSERT_EQ(admin.get("/admin/users?limit=1").status, 200);
  const std::string wrong_key = unique_word("wrong-key");
  ASSERT_EQ(client.get("/admin/users", {{"X-Admin-Key", wrong_key}}).status, 401);
  const std::string last = client.get("/health").header("X-Request-Id");
  ASSERT_TRUE(eventually_true(Milliseconds(1000), "not in the log",
                              [&] { return part_log("api").find(last) != std::string::npos; }));
  // From here on: a mutated request of another test may have put the key into its path.
  const std::string log = part_log("api", before);
  EXPECT_EQ(log.find(email), std::string::npos);
  EXPECT_EQ(log.find(wrong_key), std::string::npos);
  EXPECT_EQ(log.find(setting("ADMIN_KEY")), std::string::npos);
}

TEST_F(RestOperations, UnknownPathsAreNotFound) {
  for (const char* path :
       {"/", "/nowhere", "/events/", "/events//1", "/Events", "/events/1/x", "/admin", "/admin/",
        "/users", "/users/1/x", "/health/", "/docs/nothing", "/%6detrics", "/%61dmin/analytics"}) {
    const Reply reply = client.get(path);
    const bool other_method = std::string(path) == "/users";
    EXPECT_TRUE(other_method ? is_problem(reply, 405, "method-not-allowed")
                             : is_problem(reply, 404, "not-found"))
        << path;
  }
  EXPECT_TRUE(is_problem(client.get("/admin/nowhere"), 404, "not-found"));
  EXPECT_TRUE(is_problem(client.post("/nowhere", Json::object()), 404, "not-found"));
}

TEST_F(RestOperations, AWrongMethodIsToldTheRightOnes) {
  std::map<std::string, std::set<std::string>> methods_of;
  for (const auto& [method, path] : every_route) {
    methods_of[path].insert(method);
    if (method == "GET") methods_of[path].insert("HEAD");
    methods_of[path].insert("OPTIONS");
  }
  for (const auto& [path, methods] : methods_of)
    for (const char* method : {"GET", "POST", "PUT", "DELETE", "PATCH"}) {
      if (methods.count(method) == 1) continue;
      const std::string body = method[0] == 'P' ? "{}" : "";
      const Reply reply = client.send(method, example(path), body);
      EXPECT_TRUE(is_problem(reply, 405, "method-not-allowed")) << method << " " << path;
      EXPECT_EQ(words(reply.header("Allow")), methods) << method << " " << path;
    }
}

TEST_F(RestOperations, OptionsTellTheMethods) {
  const Reply reply = client.send("OPTIONS", "/events/1");
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(words(reply.header("Allow")), (std::set<std::string>{"GET", "HEAD", "OPTIONS"}));
  EXPECT_EQ(reply.header("Access-Control-Allow-Origin"), "") << "no origin was allowed";
}

TEST_F(RestOperations, HeadIsGetWithoutABody) {
  for (const std::string& path :
       Texts{"/health", "/events", "/events/" + std::to_string(new_event(1))}) {
    const Reply get = client.get(path);
    const Reply head = client.send("HEAD", path);
    EXPECT_EQ(head.status, 200) << path;
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.header("ETag"), get.header("ETag"));
    EXPECT_EQ(head.header("Content-Length"), get.header("Content-Length"));
  }
  const Reply missing = client.send("HEAD", "/events/" + unused_id);
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, "");
}

TEST_F(RestOperations, OpenApiNamesEveryRoute) {
  const Reply reply = client.get("/openapi.json");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type").rfind("application/json", 0), 0u);
  const Json document = reply.json();
  EXPECT_EQ(document["openapi"].get<std::string>().rfind("3.1.", 0), 0u);
  std::set<std::pair<std::string, std::string>> described;
  for (const auto& [path, operations] : document["paths"].items())
    for (const auto& [method, operation] : operations.items()) {
      if (!operation.is_object() || !operation.contains("responses")) continue;
      std::string upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
      described.emplace(upper, without_names(path));
    }
  const std::set<std::pair<std::string, std::string>> expected(std::begin(every_route),
                                                               std::end(every_route));
  std::vector<std::pair<std::string, std::string>> missing, unknown;
  std::set_difference(expected.begin(), expected.end(), described.begin(), described.end(),
                      std::back_inserter(missing));
  std::set_difference(described.begin(), described.end(), expected.begin(), expected.end(),
                      std::back_inserter(unknown));
  EXPECT_EQ(missing, (std::vector<std::pair<std::string, std::string>>{}));
  EXPECT_EQ(unknown, (std::vector<std::pair<std::string, std::string>>{}));
}

TEST_F(RestOperations, DocsAreHtmlAndNeedNoNetwork) {
  const Reply reply = client.get("/docs");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type").rfind("text/html", 0), 0u);
  EXPECT_NE(reply.body.find("<html"), std::string::npos);
  static const std::regex reference("(?:src|href)=\"([^\"]+)\"");
  int found = 0;
  for (std::sregex_iterator it(reply.body.begin(), reply.body.end(), reference), end; it != end;
       ++it) {
    std::string target = (*it)[1];
    EXPECT_EQ(target.find("//"), std::string::npos) << target << " is elsewhere";
    if (target[0] == '#') continue;
    if (target.rfind("./", 0) == 0) target.erase(0, 1);
    if (target[0] != '/') target.insert(0, "/");
    EXPECT_EQ(client.get(target).status, 200) << target;
    ++found;
  }
  EXPECT_GT(found, 0) << reply.body.substr(0, 500);
}

TEST_F(RestOperations, MetricsAreAllThere) {
  const Reply reply = client.get("/metrics");
  ASSERT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type").rfind("text/plain", 0), 0u);
  for (const char* family :
       {"evently_http_requests_total", "evently_http_request_duration_seconds",
        "evently_bookings_total", "evently_cancellations_total", "evently_redis_answers_total",
        "evently_db_pool_in_use", "evently_db_pool_size", "evently_db_retries_total",
        "evently_redis_breaker_open", "evently_batch_items", "evently_queue_age_seconds",
        "evently_queue_length", "evently_batch_splits_total",
        "evently_sold_out_memory_refusals_total"})
    EXPECT_TRUE(has_family(family)) << family;
}

TEST_F(RestOperations, MetricsCount) {
  const auto user = new_user();
  const auto event = new_event(1);
  const std::string outcomes[] = {"booked", "replayed", "not-enough-seats", "event-not-found",
                                  "idempotency-key-reused"};
  const auto bookings = [&](const std::string& outcome) {
    return metric("evently_bookings_total{outcome=\"" + outcome + "\"}");
  };
  std::map<std::string, double> before;
  for (const std::string& outcome : outcomes) before[outcome] = bookings(outcome);
  const std::string requests =
      R"(evently_http_requests_total{method="POST",route="/bookings",status="201"})";
  const std::string durations =
      R"(evently_http_request_duration_seconds_count{route="/bookings/{id}"})";
  const std::string cancelled = R"(evently_cancellations_total{outcome="cancelled"})";
  const double requests_before = metric(requests);
  const double durations_before = metric(durations);
  const double cancelled_before = metric(cancelled);

  const Reply made = book(user, event, 1, "key");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(book(user, event, 1, "key").status, 200);
  EXPECT_EQ(book(user, event, 2, "key").status, 422);
  EXPECT_EQ(book(user, event).status, 409);
  EXPECT_EQ(book(user, std::stoll(unused_id)).status, 404);
  EXPECT_EQ(client.del(made.header("Location")).status, 200);

  for (const std::string& outcome : outcomes)
    EXPECT_EQ(bookings(outcome), before[outcome] + 1) << outcome;
  EXPECT_EQ(metric(requests), requests_before + 1);
  EXPECT_EQ(metric(durations), durations_before + 1);
  EXPECT_EQ(metric(cancelled), cancelled_before + 1);
}

TEST_F(RestOperations, MetricsNameNoPathThatCame) {
  const std::string word = unique_word("path");
  client.get("/" + word);
  client.get("/events/" + word);
  EXPECT_EQ(client.get("/metrics").body.find(word), std::string::npos);
}

TEST_F(RestOperations, MetricsTellWhatRedisSays) {
  const auto answers = [&](const std::string& answer) {
    return metric("evently_redis_answers_total{answer=\"" + answer + "\"}");
  };
  const double enough = answers("enough");
  const double unknown = answers("unknown");
  const auto user = new_user();
  const auto event = new_event(1'000'000);
  // A new event has tokens as soon as the bridge has heard of it.
  EXPECT_TRUE(eventually_true(Milliseconds(2000), "nothing is counted", [&] {
    booked(user, event);
    return redis_runs() ? answers("enough") > enough : answers("unknown") > unknown;
  }));
  EXPECT_EQ(metric("evently_db_pool_in_use"), 0);
  EXPECT_GT(metric("evently_db_pool_size"), 0);
}

}  // namespace
}  // namespace evently
