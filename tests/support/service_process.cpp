#include "tests/support/service_process.h"

#include <cstdlib>
#include <stdexcept>

#include "tests/support/http.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/places.h"
#include "tests/support/sessions/stack.h"
#include "tests/support/taken_port.h"

namespace evently {
namespace {

std::string program() {
  const char* named = std::getenv("EVENTLY_API_PROGRAM");
  return named != nullptr ? named : places::api_program;
}

ServiceProcess::Settings complete(ServiceProcess::Settings settings,
                                  const std::string& port_setting) {
  for (const char* name : {"DATABASE_URL", "REDIS_URL", "ADMIN_KEY"})
    if (settings.count(name) == 0) settings[name] = setting(name);
  // The build may be one with sanitizers (see scripts/dev/test_sanitize).
  for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* options = std::getenv(name)) settings[name] = options;
  if (settings.count(port_setting) == 0)
    settings[port_setting] = std::to_string(TakenPort().number());
  return settings;
}

}  // namespace

ServiceProcess::ServiceProcess(const Settings& own_settings)
    : ServiceProcess(program(), "PORT", own_settings) {}

ServiceProcess::ServiceProcess(const std::string& program, const std::string& port_setting,
                               const Settings& own_settings)
    : settings_(complete(own_settings, port_setting)),
      url_("http://127.0.0.1:" + settings_.at(port_setting)),
      process_({program}, settings_) {
  const bool started = eventually_true(Milliseconds(10'000), "no answer", [this] {
    if (exit_status(Milliseconds(0))) return true;
    const auto reply = HttpClient(url_).try_send("GET", "/health");
    return reply && reply->status == 200;
  });
  const auto status = exit_status(Milliseconds(0));
  if (!started || status) throw Ended(status.value_or(-1), log());
}

}  // namespace evently
