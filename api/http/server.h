#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "api/http/connection.h"
#include "api/http/connection_counts.h"
#include "api/http/request_steps.h"

namespace evently {

// So many may be told at once that there are too many; the rest is hung up upon.
constexpr std::size_t turned_away_at_once_max = 256;

struct ServerSettings {
  int loops;                    // threads that serve
  std::size_t connections_max;  // beyond it clients are turned away
  ConnectionSettings connection;
};

class ServerLoop;

// Accepts clients and hands them to its loops in turn. Each loop is a thread.
class HttpServer {
 public:
  HttpServer(const ServerSettings& settings, ConnectionCounts& counts);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Empty when it listens, otherwise a sentence that says why not.
  std::string listen_on(const std::string& address, int port);

  // Serves until stop_serving(); running requests finish. Returns false when accepting failed.
  bool serve(RequestSteps& steps);

  // May be called from any thread at any time.
  void stop_serving();

 private:
  boost::system::error_code bind_to(const boost::asio::ip::tcp::endpoint& endpoint);
  void accept();
  void take(boost::asio::ip::tcp::socket socket, ServerLoop& loop);
  void accept_again(const boost::system::error_code& error);
  void end_accepting();

  const ServerSettings settings_;
  ConnectionCounts& counts_;
  std::vector<std::unique_ptr<ServerLoop>> loops_;
  std::size_t next_loop_ = 0;
  // These belong to the first loop.
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  bool failed_ = false;
};

}  // namespace evently
