#include "tests/support/http.h"

#include <signal.h>

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "tests/support/sessions/stack.h"

namespace evently {
namespace {

// Longer than anything the service promises, so that a hang ends as a failure and not as a hang.
constexpr int answer_wait_s = 20;

}  // namespace

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? std::string() : found->second;
}

HttpClient::HttpClient(const std::string& url) : client_(url) {
  signal(SIGPIPE, SIG_IGN);  // newer versions of cpp-httplib leave that to the program
  client_.set_keep_alive(true);
  client_.set_tcp_nodelay(true);
  client_.set_connection_timeout(answer_wait_s);
  client_.set_read_timeout(answer_wait_s);
}

HttpClient::HttpClient() : HttpClient(setting("API_URL")) {}

std::optional<Reply> HttpClient::try_send(const std::string& method, const std::string& path,
                                          const std::string& body, const Headers& headers) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  request.headers = headers;
  for (const auto& header : always_)
    if (headers.count(header.first) == 0) request.headers.insert(header);
  if (!body.empty() && headers.count("Content-Type") == 0)
    request.headers.emplace("Content-Type", "application/json");
  const auto result = client_.send(request);
  if (!result) {
    error_ = httplib::to_string(result.error());
    return std::nullopt;
  }
  return Reply{result->status, result->headers, result->body};
}

Reply HttpClient::send(const std::string& method, const std::string& path, const std::string& body,
                       const Headers& headers) {
  auto reply = try_send(method, path, body, headers);
  if (!reply) throw std::runtime_error("no answer to " + method + " " + path + ": " + error_);
  return *std::move(reply);
}

Reply HttpClient::get(const std::string& path, const Headers& headers) {
  return send("GET", path, "", headers);
}

Reply HttpClient::post(const std::string& path, const Json& body, const Headers& headers) {
  return send("POST", path, body.dump(), headers);
}

Reply HttpClient::put(const std::string& path, const Json& body, const Headers& headers) {
  return send("PUT", path, body.dump(), headers);
}

Reply HttpClient::del(const std::string& path, const Headers& headers) {
  return send("DELETE", path, "", headers);
}

HttpClient& HttpClient::as_admin() {
  always_ = {{"X-Admin-Key", setting("ADMIN_KEY")}};
  return *this;
}

testing::AssertionResult is_problem(const Reply& reply, int status, const std::string& code) {
  const auto failure = [&](const std::string& why) {
    return testing::AssertionFailure() << why << "; expected " << status << " " << code << ", got "
                                       << reply.status << " " << reply.body.substr(0, 600);
  };
  if (reply.status != status) return failure("other status");
  if (reply.header("Content-Type") != "application/problem+json")
    return failure("Content-Type is " + reply.header("Content-Type"));
  const Json problem = Json::parse(reply.body, nullptr, false);
  if (!problem.is_object()) return failure("the body is no JSON object");
  for (const char* member : {"type", "title", "detail", "instance", "code", "request_id"})
    if (!problem.contains(member) || !problem[member].is_string() || problem[member].empty())
      return failure(std::string(member) + " is missing");
  if (problem["code"] != code) return failure("other code");
  if (problem.value("status", 0) != status) return failure("the body tells another status");
  if (problem["request_id"] != reply.header("X-Request-Id"))
    return failure("the body tells another request id than the header");
  if ((status == 503 || status == 429) != !reply.header("Retry-After").empty())
    return failure("Retry-After goes with 429 and 503 and nothing else");
  return testing::AssertionSuccess();
}

testing::AssertionResult has_faults(const Reply& reply, std::vector<std::string> fields) {
  if (auto problem = is_problem(reply, 400, "invalid-request"); !problem) return problem;
  std::vector<std::string> found;
  for (const Json& fault : reply.json().value("errors", Json::array())) {
    if (fault.value("message", "").empty())
      return testing::AssertionFailure() << "a fault without a message: " << reply.body;
    found.push_back(fault.value("field", ""));
  }
  std::sort(found.begin(), found.end());
  std::sort(fields.begin(), fields.end());
  if (found == fields) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "expected faults in " << Json(fields) << ", got " << reply.body;
}

std::optional<double> metric_of(HttpClient& client, const std::string& series) {
  const std::string text = "\n" + client.get("/metrics").body;
  const std::size_t at = text.find("\n" + series + " ");
  if (at == std::string::npos) return std::nullopt;
  return std::stod(text.substr(at + series.size() + 2));
}

bool is_time(const Json& value) {
  static const std::regex form(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z)");
  return value.is_string() && std::regex_match(value.get<std::string>(), form);
}

std::optional<std::string> next_path(const Reply& reply) {
  const std::string link = reply.header("Link");
  if (link.empty()) return std::nullopt;
  static const std::regex form(R"re(<([^>]+)>;\s*rel="?next"?)re");
  std::smatch match;
  if (!std::regex_search(link, match, form))
    throw std::runtime_error("Link without rel=next: " + link);
  // A relative reference as well as a whole URL may stand there.
  std::string target = match[1];
  if (const auto scheme = target.find("://"); scheme != std::string::npos)
    target.erase(0, target.find('/', scheme + 3));
  return target;
}

std::vector<Json> walk(HttpClient& client, const std::string& path, std::size_t pages_max) {
  std::vector<Json> elements;
  std::optional<std::string> next = path;
  for (std::size_t page = 0; next; ++page) {
    if (page == pages_max) throw std::runtime_error("no end to the pages of " + path);
    const Reply reply = client.get(*next);
    if (reply.status != 200)
      throw std::runtime_error("GET " + *next + ": " + std::to_string(reply.status) + reply.body);
    const Json elements_of_page = reply.json();
    if (!elements_of_page.is_array()) throw std::runtime_error(*next + " gave no array");
    for (const Json& element : elements_of_page) elements.push_back(element);
    next = next_path(reply);
    if (next && elements_of_page.empty()) throw std::runtime_error(*next + ": an empty page");
  }
  return elements;
}

}  // namespace evently
