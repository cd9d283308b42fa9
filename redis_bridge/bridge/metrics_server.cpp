#include "redis_bridge/bridge/metrics_server.h"

#include <sys/socket.h>

#include <stdexcept>
#include <string>

namespace evently {
namespace {

constexpr int threads = 2;
constexpr int patience_seconds = 1;  // with a client that connects and says nothing

}  // namespace

MetricsServer::MetricsServer(int port, BridgeMetrics& metrics) {
  server_.new_task_queue = [] { return new httplib::ThreadPool(threads); };
  // The library's own choice would let a second bridge share the port unseen.
  server_.set_socket_options([](auto socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  server_.set_keep_alive_max_count(1);
  server_.set_keep_alive_timeout(patience_seconds);
  server_.set_read_timeout(patience_seconds);
  server_.set_write_timeout(patience_seconds);
  server_.set_payload_max_length(1024);
  server_.Get("/health", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("{\"status\":\"ok\"}\n", "application/json");
  });
  server_.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
    response.set_content(metrics.text(BridgeMetrics::Clock::now()),
                         "text/plain; version=0.0.4; charset=utf-8");
  });
  if (!server_.bind_to_port("127.0.0.1", port)) {
    throw std::runtime_error("cannot listen on 127.0.0.1:" + std::to_string(port) +
                             ": is the port in use? EVENTLY_BRIDGE_METRICS_PORT names another");
  }
  thread_ = std::thread([this] {
    server_.listen_after_bind();
    ended_ = true;
  });
  // stop() does nothing to a server that is only about to run.
  while (!server_.is_running() && !ended_) std::this_thread::yield();
}

MetricsServer::~MetricsServer() {
  server_.stop();
  thread_.join();
}

}  // namespace evently
