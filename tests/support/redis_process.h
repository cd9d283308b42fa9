#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "redis_bridge/redis/connection.h"
#include "redis_bridge/redis/redis_url.h"
#include "tests/support/polling.h"

namespace evently {

// A redis-server of the test's own, on a free port and with nothing kept; it dies with the test.
class RedisProcess {
 public:
  explicit RedisProcess(std::vector<std::string> extra_arguments = {});
  ~RedisProcess() { end(); }
  RedisProcess(const RedisProcess&) = delete;
  RedisProcess& operator=(const RedisProcess&) = delete;

  RedisUrl url() const;

  void end();      // kill -9
  void restart();  // on the same port, empty
  void pause();    // SIGSTOP: connections stand, nothing answers
  void resume();

  // One command on a connection of its own; integers and nil come back as text.
  std::string ask(const std::vector<std::string>& command) const;

 private:
  bool start();

  std::vector<std::string> extra_arguments_;
  int port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace evently
