// The service behind HAProxy, with the configuration of docs/operating/haproxy.cfg: what the HTTP
// library cannot stop ends there, and clients that only hold a connection cost the service no
// thread.
#include <sys/resource.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "tests/support/haproxy.h"
#include "tests/support/raw_socket.h"
#include "tests/support/service_process.h"
#include "tests/support/service_test.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/together.h"

namespace evently {
namespace {

constexpr Milliseconds prompt{2000};

// As many file descriptors as may be, while it stands.
class ManyFiles {
 public:
  explicit ManyFiles(rlim_t wanted) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit more = before_;
    more.rlim_cur = more.rlim_max;
    if (more.rlim_max < wanted || setrlimit(RLIMIT_NOFILE, &more) != 0)
      throw std::runtime_error("too few file descriptors: raise the hard limit of ulimit -n");
  }
  ~ManyFiles() { setrlimit(RLIMIT_NOFILE, &before_); }
  ManyFiles(const ManyFiles&) = delete;
  ManyFiles& operator=(const ManyFiles&) = delete;

 private:
  rlimit before_{};
};

class Proxy : public ServiceTest {
 protected:
  using Sockets = std::vector<std::unique_ptr<RawSocket>>;

  static Sockets connect(const std::string& url, int count, const std::string& bytes) {
    Sockets sockets;
    for (int i = 0; i < count; ++i) {
      sockets.push_back(std::make_unique<RawSocket>(url));
      sockets.back()->send(bytes);
    }
    return sockets;
  }
  // A connection of its own, and no library that could not take one of so many descriptors.
  static std::optional<Reply> ask(RawSocket& socket, const std::string& line,
                                  const std::string& body = "") {
    std::string bytes = line + " HTTP/1.1\r\nHost: localhost\r\n";
    if (!body.empty()) {
      bytes += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n";
    }
    socket.send(bytes + "\r\n" + body);
    return socket.receive(prompt);
  }
  const ServiceProcess service_{{"EVENTLY_TRUSTED_PROXIES", "127.0.0.1"}};
};

// Half of them have asked something and keep their connection, half never say a word.
TEST_F(Proxy, BookingsGoOnBesideTwoThousandIdleClients) {
  constexpr int idle_each = 1000;
  constexpr int bookers = 8;
  constexpr int bookings_each = 25;
  const ManyFiles files(3 * idle_each);
  const Haproxy proxy(service_.url(), {{"EVENTLY_PROXY_CONNECTIONS_PER_ADDRESS", "3000"},
                                       {"EVENTLY_PROXY_REQUEST_TIME", "60s"}});
  const auto users = new_users(bookers);
  const auto event = new_event(bookers * bookings_each);

  const Sockets silent = connect(proxy.url(), idle_each, "");
  const Sockets kept = connect(proxy.url(), idle_each, "");
  for (const auto& socket : kept) {
    const auto reply = ask(*socket, "GET /health");
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->status, 200);
  }
  // Of the service's threads none is taken: only the proxy's check of readiness comes and goes.
  EXPECT_TRUE(eventually_true(prompt, "the service holds connections of idle clients",
                              [&] { return connections_to(service_.url()) <= 1; }));
  std::vector<Milliseconds> longest(bookers, Milliseconds(0));
  together(bookers, [&](std::size_t booker) {
    RawSocket socket(proxy.url());
    const std::string body = booking_fields(users[booker], event).dump();
    for (int i = 0; i < bookings_each; ++i) {
      const auto start = Clock::now();
      const auto reply = ask(socket, "POST /bookings", body);
      longest[booker] = std::max(longest[booker], since(start));
      ASSERT_TRUE(reply);
      ASSERT_EQ(reply->status, 201) << reply->body;
      // One at work, one about to close, and the check.
      EXPECT_LE(connections_to(service_.url()), 2 * bookers + 1);
    }
  });
  EXPECT_EQ(database.seats_available(event), 0);
  for (const Milliseconds wait : longest) EXPECT_LT(wait, prompt);
  for (const Sockets* sockets : {&silent, &kept})
    for (const auto& socket : *sockets)
      ASSERT_FALSE(socket->closes(Milliseconds(0))) << "they were to stay all the while";
}

TEST_F(Proxy, SlowRequestsNeverReachTheService) {
  const Haproxy proxy(service_.url(), {{"EVENTLY_PROXY_REQUEST_TIME", "1s"},
                                       {"EVENTLY_PROXY_IDLE_TIME", "1s"},
                                       {"EVENTLY_PROXY_CLIENT_TIME", "1s"}});
  const Sockets heads = connect(proxy.url(), 50, "GET /events HTTP/1.1\r\nHost: local");
  const Sockets bodies = connect(proxy.url(), 50,
                                 "POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                 "application/json\r\nContent-Length: 50\r\n\r\n{");
  const auto start = Clock::now();
  bool cut_off = false;
  while (!cut_off && since(start) < Milliseconds(10'000)) {
    EXPECT_EQ(HttpClient(proxy.url()).get("/health").status, 200) << "others are served";
    EXPECT_LE(connections_to(service_.url()), 2);
    heads.front()->send("h");  // a byte now and then does not help
    const std::string answer = heads.front()->receive_all(Milliseconds(100));
    cut_off = answer.rfind("HTTP/1.1 408", 0) == 0 || heads.front()->closes(Milliseconds(0));
  }
  EXPECT_TRUE(cut_off) << "it may go on for ever";
  for (const Sockets* sockets : {&heads, &bodies})
    for (std::size_t i = 1; i < sockets->size(); ++i) {
      const std::string answer = (*sockets)[i]->receive_all(prompt);
      EXPECT_TRUE(answer.empty() || answer.rfind("HTTP/1.1 408", 0) == 0) << answer;
      EXPECT_TRUE((*sockets)[i]->closes(prompt));
    }
  HttpClient(service_.url()).get("/health", {{"X-Request-Id", "the-last-one"}});
  ASSERT_TRUE(eventually_true(prompt, "not in the log", [&] {
    return service_.log().find("the-last-one") != std::string::npos;
  }));
  EXPECT_EQ(service_.log().find("\"path\":\"/events\""), std::string::npos);
  EXPECT_EQ(service_.log().find("\"path\":\"/users\""), std::string::npos);
}

TEST_F(Proxy, OversizedHeadsNeverReachTheService) {
  const Haproxy proxy(service_.url());
  std::string many;
  for (int i = 0; i < 200; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string start = "GET /events HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& bytes :
       Texts{start + "X-Long: " + std::string(5'000'000, 'x') + "\r\n\r\n",
             start + "X-Long: " + std::string(5'000'000, 'x'), start + many + "\r\n",
             "GET /" + std::string(1'000'000, 'a') + " HTTP/1.1\r\n\r\n"}) {
    RawSocket socket(proxy.url());
    socket.send(bytes);
    const std::string answer = socket.receive_all(prompt);
    EXPECT_TRUE(answer.empty() || answer.rfind("HTTP/1.1 400", 0) == 0 ||
                answer.rfind("HTTP/1.1 414", 0) == 0 || answer.rfind("HTTP/1.1 431", 0) == 0)
        << answer.substr(0, 300);
    EXPECT_TRUE(socket.closes(prompt));
  }
  EXPECT_EQ(HttpClient(proxy.url()).get("/health").status, 200);
  EXPECT_EQ(service_.log().find("\"path\":\"/events\""), std::string::npos);
}

TEST_F(Proxy, IdleClientsAreHungUpUpon) {
  const Haproxy proxy(service_.url(), {{"EVENTLY_PROXY_IDLE_TIME", "200ms"}});
  RawSocket socket(proxy.url());
  ASSERT_TRUE(ask(socket, "GET /health"));
  EXPECT_TRUE(socket.closes(prompt));
}

TEST_F(Proxy, TellsTheServiceWhoAsks) {
  const Haproxy proxy(service_.url());
  HttpClient one(proxy.url());
  one.get("/health", {{"X-Forwarded-For", "203.0.113.9"}, {"X-Request-Id", "made-up-address"}});
  ASSERT_TRUE(eventually_true(prompt, "not in the log", [&] {
    return service_.log().find("made-up-address") != std::string::npos;
  }));
  EXPECT_EQ(service_.log().find("203.0.113.9"), std::string::npos) << service_.log();
}

TEST_F(Proxy, APrefixThatItCutsOffIsInEveryAddress) {
  HttpClient direct(service_.url());
  const auto user = new_user();
  const auto event = new_event(50);
  const Reply booking = direct.post("/bookings", booking_fields(user, event),
                                    {{"X-Forwarded-Prefix", "/tickets/v1/"}});
  ASSERT_EQ(booking.status, 201) << booking.body;
  EXPECT_EQ(booking.header("Location"),
            "/tickets/v1/bookings/" + std::to_string(booking.json()["booking_id"].get<int>()));
  EXPECT_EQ(direct.get("/events?limit=1", {{"X-Forwarded-Prefix", "/tickets"}})
                .header("Link")
                .rfind("</tickets/events?limit=1&after=", 0),
            0u);
  for (const char* bad : {"tickets", "//elsewhere.example", "/a//b", "/<b>", "/a b", "/a?b", "/"})
    EXPECT_EQ(direct.post("/bookings", booking_fields(user, event), {{"X-Forwarded-Prefix", bad}})
                  .header("Location")
                  .rfind("/bookings/", 0),
              0u)
        << bad;
  EXPECT_EQ(client.get("/events?limit=1", {{"X-Forwarded-Prefix", "/tickets"}})
                .header("Link")
                .rfind("</events?", 0),
            0u)
      << "of a client that is no trusted proxy";
}

TEST_F(Proxy, KeepsTheAdministrationToItself) {
  const Haproxy proxy(service_.url(), {{"EVENTLY_PROXY_ADMIN_NETWORK", "192.0.2.0/24"}});
  HttpClient one(proxy.url());
  for (const char* path : {"/admin/analytics", "/%61dmin/analytics", "/metrics", "/m%65trics"}) {
    const Reply reply = one.get(path, {{"X-Admin-Key", setting("ADMIN_KEY")}});
    EXPECT_EQ(reply.status, 403) << path;
    EXPECT_EQ(reply.header("Content-Type"), "application/problem+json") << path;
  }
  EXPECT_EQ(one.get("/events?limit=1").status, 200);
}

TEST_F(Proxy, BoundsTheConnectionsOfAnAddress) {
  const Haproxy proxy(service_.url(), {{"EVENTLY_PROXY_CONNECTIONS_PER_ADDRESS", "20"}});
  const Sockets sockets = connect(proxy.url(), 40, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
  int served = 0;
  for (const auto& socket : sockets) served += socket->receive(prompt) ? 1 : 0;
  EXPECT_GE(served, 15);
  EXPECT_LE(served, 20);
}

}  // namespace
}  // namespace evently
