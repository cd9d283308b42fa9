#pragma once

#include "tests/support/service_process.h"
#include "tests/support/sessions/places.h"

namespace evently {

// A bridge of the test's own, in place of the stack's one.
class BridgeProcess : public ServiceProcess {
 public:
  explicit BridgeProcess(const Settings& own_settings)
      : ServiceProcess(places::bridge_program, "EVENTLY_BRIDGE_METRICS_PORT", own_settings) {}
};

}  // namespace evently
