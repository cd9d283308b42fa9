#include "api/http/server_loop.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <ctime>

namespace evently {
namespace {

constexpr std::chrono::milliseconds between_ticks{100};

// As RFC 9110 has it: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

}  // namespace

ServerLoop::ServerLoop(const ConnectionSettings& settings, ConnectionCounts& counts)
    : settings_(settings),
      counts_(counts),
      ticks_(loop_.io()),
      keep_alive_(
          "timeout=" +
          std::to_string(std::chrono::ceil<std::chrono::seconds>(settings.keep_alive).count())) {}

void ServerLoop::run(RequestSteps& steps) {
  steps_ = &steps;
  tick();
  loop_.io().run();
}

void ServerLoop::stop() {
  boost::asio::post(loop_.io(), [this] {
    stopping_ = true;
    for (HttpConnection* connection : connections_) connection->end_if_idle();
    end_if_done();
  });
}

void ServerLoop::has_come(HttpConnection& connection) {
  connections_.insert(&connection);
}

void ServerLoop::has_gone(HttpConnection& connection) {
  connections_.erase(&connection);
  --counts_.open;
  end_if_done();
}

void ServerLoop::tick() {
  if (stopping_ && connections_.empty()) return;  // its cancellation came too late
  date_ = http_date();
  const auto now = HttpConnection::Clock::now();
  for (HttpConnection* connection : connections_) connection->expire(now);
  ticks_.expires_after(between_ticks);
  ticks_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) tick();
  });
}

// The ticks are all that keeps an idle loop running.
void ServerLoop::end_if_done() {
  if (stopping_ && connections_.empty()) ticks_.cancel();
}

}  // namespace evently
