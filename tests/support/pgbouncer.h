#pragma once

#include <string>

#include "tests/support/child_process.h"

namespace evently {

// pgbouncer in transaction mode between a service and the stack's PostgreSQL, with as many
// connections to it as given. Every client that reaches its port may use the database.
class Pgbouncer {
 public:
  // Waits until it takes connections; throws when it does not start.
  explicit Pgbouncer(int server_connections);
  ~Pgbouncer();
  Pgbouncer(const Pgbouncer&) = delete;
  Pgbouncer& operator=(const Pgbouncer&) = delete;

  // For the service's DATABASE_URL.
  const std::string& url() const { return url_; }

 private:
  const int port_;
  const std::string url_;
  const std::string folder_;
  ChildProcess process_;
};

}  // namespace evently
