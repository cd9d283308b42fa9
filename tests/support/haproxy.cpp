#include "tests/support/haproxy.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/http.h"
#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/places.h"
#include "tests/support/taken_port.h"

namespace evently {
namespace {

std::string authority_of(const std::string& url) {
  return url.substr(url.find("://") + 3);
}

ChildProcess::Environment complete(ChildProcess::Environment environment, const std::string& url,
                                   const std::string& service_url) {
  environment["EVENTLY_PROXY_BIND"] = authority_of(url);
  environment["EVENTLY_PROXY_SERVICE"] = authority_of(service_url);
  return environment;
}

}  // namespace

Haproxy::Haproxy(const std::string& service_url, ChildProcess::Environment environment)
    : url_("http://127.0.0.1:" + std::to_string(TakenPort().number())),
      // Debian keeps it in /usr/sbin, which need not be in PATH.
      process_({"/usr/sbin/haproxy", "-db", "-f", places::haproxy_config},
               complete(std::move(environment), url_, service_url)) {
  const bool started = eventually_true(Milliseconds(10'000), "no answer", [this] {
    if (process_.exit_status(Milliseconds(0))) return true;
    const auto reply = HttpClient(url_).try_send("GET", "/health");
    return reply && reply->status == 200;
  });
  if (!started || process_.exit_status(Milliseconds(0)))
    throw std::runtime_error("haproxy does not start: " + log());
}

int connections_to(const std::string& url) {
  constexpr const char* established = "01";
  std::ostringstream local;  // 127.0.0.1 as the kernel prints it
  local << "0100007F:" << std::uppercase << std::hex;
  local.width(4);
  local.fill('0');
  local << std::stoi(url.substr(url.rfind(':') + 1));
  std::ifstream table("/proc/net/tcp");
  std::string line;
  int count = 0;
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number, from, to, state;
    words >> number >> from >> to >> state;
    if (from == local.str() && state == established) ++count;
  }
  return count;
}

}  // namespace evently
