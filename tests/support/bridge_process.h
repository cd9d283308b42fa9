#pragma once

#include "tests/support/service_process.h"

namespace evently {

// A bridge of the test's own, in place of the stack's one.
class BridgeProcess : public ServiceProcess {
 public:
  explicit BridgeProcess(const Settings& own_settings)
      : ServiceProcess(EVENTLY_BRIDGE_PROGRAM, "EVENTLY_BRIDGE_METRICS_PORT", own_settings) {}
};

}  // namespace evently
