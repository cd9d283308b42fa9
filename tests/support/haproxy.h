#pragma once

#include <string>

#include "tests/support/child_process.h"

namespace evently {

// HAProxy with the configuration that the documentation gives, in front of a service. Its own
// address and the service's are set here; the rest of its environment by the test.
class Haproxy {
 public:
  // Waits until it answers through to the service; throws when it does not start.
  explicit Haproxy(const std::string& service_url, ChildProcess::Environment environment = {});

  const std::string& url() const { return url_; }
  std::string log() const { return process_.log(); }

 private:
  const std::string url_;
  ChildProcess process_;
};

// How many connections to that port of 127.0.0.1 stand, as the kernel counts them at the listening
// side.
int connections_to(const std::string& url);

}  // namespace evently
