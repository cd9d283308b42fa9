#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "api/http/http_call.h"
#include "api/http/parser.h"
#include "api/http/request_steps.h"

namespace evently {

struct ConnectionSettings {
  std::chrono::milliseconds keep_alive;  // how long a connection lies idle
  std::size_t body_bytes_max;
};

class ServerLoop;

// A client. While it is idle it is a socket that waits; when bytes come a coroutine serves them,
// and ends when the connection is idle again. It lives on its loop's thread, and as long as its
// socket or its coroutine is waited for.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Clock = std::chrono::steady_clock;
  using Socket = boost::asio::ip::tcp::socket;

  HttpConnection(ServerLoop& loop, Socket socket);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void wait_for_request();

  // Says that there are too many, and hangs up.
  void turn_away();

  // Ends what has waited for the client longer than it may.
  void expire(Clock::time_point now);

  // Ends it now if it is idle.
  void end_if_idle();

 private:
  using Error = boost::system::error_code;
  using Done = bool (RequestParser::*)() const;

  void serve();
  void let_others_run();
  bool serve_request();
  bool answer_request(RequestParser& parser, HttpRequest& request, HttpCall& call);
  Error read_until(Done done, RequestParser& parser, Clock::time_point deadline);
  Error read_some(Clock::time_point deadline);
  Problem problem_of(const Error& error) const;
  std::string head_of(const HttpAnswer& answer, bool keep_alive) const;
  bool send(const HttpAnswer& answer, const HttpRequest& request, bool keep_alive);
  void drain();

  // Runs an operation on the socket until it is done, or the time is over.
  template <class Start>
  Error until(Clock::time_point deadline, const Start& start);

  ServerLoop& loop_;
  Socket socket_;
  const std::string peer_;
  boost::beast::flat_buffer buffer_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool too_slow_ = false;
  bool idle_ = false;
  int requests_left_;
};

}  // namespace evently
