#pragma once

#include <sys/types.h>

#include <chrono>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>

#include "tests/support/child_process.h"

namespace evently {

// A service of the test's own beside the stack's one, on the same database and Redis but with other
// settings: for stopping it and for short time-outs. Killed when it goes out of scope.
class ServiceProcess {
 public:
  using Settings = ChildProcess::Environment;

  struct Ended : std::runtime_error {
    Ended(int exit_status, const std::string& written)
        : std::runtime_error("the service ended: " + written), status(exit_status), log(written) {}
    int status;
    std::string log;
  };

  // ServiceProcess{{"PORT", "0"}}. Waits until it answers; throws Ended when it does not start.
  ServiceProcess(std::initializer_list<Settings::value_type> own_settings = {})
      : ServiceProcess(Settings(own_settings)) {}
  explicit ServiceProcess(const Settings& own_settings);

  const std::string& url() const { return url_; }
  pid_t pid() const { return process_.pid(); }
  void signal(int number) { process_.signal(number); }
  std::optional<int> exit_status(std::chrono::milliseconds wait) {
    return process_.exit_status(wait);
  }
  std::string log() const { return process_.log(); }

 protected:
  // Another program, which answers /health on the port that this setting of it names.
  ServiceProcess(const std::string& program, const std::string& port_setting,
                 const Settings& own_settings);

 private:
  const Settings settings_;
  const std::string url_;
  ChildProcess process_;
};

}  // namespace evently
