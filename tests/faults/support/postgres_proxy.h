#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace evently {

enum class Sender { client, server };

// One message of PostgreSQL's protocol, whole.
struct WireMessage {
  Sender sender;
  char type;          // start_up_type for the first of a client, which has none on the wire
  std::string bytes;  // as on the wire
};
constexpr char start_up_type = '0';

// How a cut looks to the client.
enum class Cut { none, end, reset };

// What becomes of a message: these go on in its place, and perhaps the connection is cut after
// them.
struct Fate {
  std::vector<std::string> forward;
  Cut cut = Cut::none;
};

class WireRule {
 public:
  virtual ~WireRule() = default;
  // Called for one message at a time, of all connections, in the order in which they came.
  virtual Fate fate(const WireMessage& message) = 0;
};

// Stands between clients and a PostgreSQL on 127.0.0.1 and passes on whole messages, each as the
// rule says. Encryption is declined, or it could not see where a message ends.
class PostgresProxy {
 public:
  // The address that clients would use without it.
  explicit PostgresProxy(const std::string& database_url);
  ~PostgresProxy();
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;

  // The same address, but of this proxy.
  const std::string& url() const { return url_; }

  // Null: all goes through. The old rule is not asked any more when this returns.
  void set_rule(WireRule* rule);

  // Ends the connections that stand, so that the next messages are those of new ones.
  void drop_connections();

 private:
  class Connection;

  void accept_connections();
  Fate fate_of(const WireMessage& message);

  int listening_;
  int server_port_;
  std::string url_;
  std::mutex rule_mutex_;
  WireRule* rule_ = nullptr;
  std::mutex connections_mutex_;
  bool stopping_ = false;
  std::list<Connection> connections_;
  std::thread acceptor_;
};

}  // namespace evently
