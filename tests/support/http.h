#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace evently {

using Json = nlohmann::json;
using Headers = httplib::Headers;

struct Reply {
  int status = 0;
  Headers headers;
  std::string body;

  // Throws when the body is no JSON: the test fails with the reason.
  Json json() const { return Json::parse(body); }
  // Empty when absent.
  std::string header(const std::string& name) const;
};

// One client of the service: its own connection, used by one thread.
class HttpClient {
 public:
  explicit HttpClient(const std::string& url);
  HttpClient();  // of the stack's own service

  // Throws when no answer came.
  Reply send(const std::string& method, const std::string& path, const std::string& body = "",
             const Headers& headers = {});
  // nullopt when no answer came: connection refused, cut or timed out.
  std::optional<Reply> try_send(const std::string& method, const std::string& path,
                                const std::string& body = "", const Headers& headers = {});

  Reply get(const std::string& path, const Headers& headers = {});
  Reply post(const std::string& path, const Json& body, const Headers& headers = {});
  Reply put(const std::string& path, const Json& body, const Headers& headers = {});
  Reply del(const std::string& path, const Headers& headers = {});

  // Sends the admin key from now on.
  HttpClient& as_admin();

 private:
  httplib::Client client_;
  Headers always_;
  std::string error_;
};

// GoogleTest predicates: EXPECT_TRUE(is_problem(reply, 404, "event-not-found")).
testing::AssertionResult is_problem(const Reply& reply, int status, const std::string& code);

// The same for a 400 that lists faults: exactly these fields, in any order.
testing::AssertionResult has_faults(const Reply& reply, std::vector<std::string> fields);

// The value of a series at the service's /metrics, in Prometheus' text format; nullopt when absent.
std::optional<double> metric_of(HttpClient& client, const std::string& series);

// RFC 3339 in UTC, as every time of the API is written.
bool is_time(const Json& value);

// The path of rel=next in a Link header, if there is one.
std::optional<std::string> next_path(const Reply& reply);

// Follows Link headers from `path` to the end and returns all elements. Throws after `pages_max`.
std::vector<Json> walk(HttpClient& client, const std::string& path, std::size_t pages_max = 2000);

}  // namespace evently
