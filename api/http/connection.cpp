#include "api/http/connection.h"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/status.hpp>
#include <exception>
#include <string_view>
#include <utility>

#include "api/http/guards.h"
#include "api/http/request_id.h"
#include "api/http/server_loop.h"
#include "runtime/log.h"

namespace evently {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::size_t read_bytes = 8'192;
constexpr std::size_t buffer_bytes_max = head_bytes_max + 2 * read_bytes;
constexpr milliseconds request_time_max{10'000};  // from its first byte to its last
constexpr milliseconds answer_time_max{10'000};   // for each 64 KiB of it
constexpr std::size_t answer_part_bytes = 65'536;
constexpr milliseconds drain_time_max{500};
constexpr std::size_t drained_bytes_max = 1'048'576;
constexpr int requests_per_connection_max = 10'000;

std::string address_of_peer(const tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  return error ? std::string() : peer.address().to_string();
}

// HTTP/1.0 does not know it.
bool waits_for_continue(const HttpRequest& request) {
  return request.version == 11 &&
         boost::beast::iequals(request.head.joined("Expect").value_or(""), "100-continue");
}

bool may_have_body(const HttpAnswer& answer) {
  return answer.status != 204 && answer.status != 304;
}

}  // namespace

HttpConnection::HttpConnection(ServerLoop& loop, Socket socket)
    : loop_(loop),
      socket_(std::move(socket)),
      peer_(address_of_peer(socket_)),
      buffer_(buffer_bytes_max),
      requests_left_(requests_per_connection_max) {
  Error ignored;  // of a client that has gone already
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  loop_.has_come(*this);
}

// The cancellation of a timer throws where there are none: not here.
HttpConnection::~HttpConnection() {  // NOLINT(bugprone-exception-escape)
  loop_.has_gone(*this);
}

void HttpConnection::wait_for_request() {
  if (loop_.is_stopping()) return;
  buffer_.shrink_to_fit();
  idle_ = true;
  too_slow_ = false;
  deadline_ = Clock::now() + loop_.settings().keep_alive;
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](const Error& error) {
    self->idle_ = false;
    self->deadline_ = Clock::time_point::max();
    if (error) return;
    self->loop_.loop().spawn([self] { self->serve(); });
  });
}

void HttpConnection::expire(Clock::time_point now) {
  if (now < deadline_) return;
  too_slow_ = true;
  Error ignored;
  socket_.cancel(ignored);
}

void HttpConnection::end_if_idle() {
  Error ignored;
  if (idle_) socket_.cancel(ignored);
}

template <class Start>
HttpConnection::Error HttpConnection::until(Clock::time_point deadline, const Start& start) {
  Error error;
  too_slow_ = false;
  deadline_ = deadline;
  Coroutine::current()->await([&](auto& yield) { start(yield[error]); });
  deadline_ = Clock::time_point::max();
  return error;
}

void HttpConnection::serve() {
  try {
    while (serve_request()) {
      if (buffer_.size() == 0) {
        wait_for_request();
        return;
      }
      let_others_run();  // the next one is here already, and so may many more be
    }
  } catch (const std::exception& error) {
    log(Level::error, "connection given up", {{"error", error.what()}});
  }
}

void HttpConnection::let_others_run() {
  Coroutine::current()->await([this](auto& yield) { boost::asio::post(loop_.loop().io(), yield); });
}

// False: the connection has come to its end.
bool HttpConnection::serve_request() {
  RequestContext context;
  RequestParser parser;
  const auto deadline = context.started + request_time_max;
  const Error error = read_until(&RequestParser::is_header_done, parser, deadline);
  const bool has_gone =
      error && error.category() != make_error_code(http::error::bad_target).category();
  if ((has_gone && !too_slow_) || error == http::error::end_of_stream) return false;

  HttpRequest request;
  if (!error) request = request_of(parser);
  request.peer = peer_;
  HttpAnswer answer;
  HttpCall call(request, answer, context);
  loop_.steps().begin(call);
  bool can_go_on = false;
  if (error) {
    call.answer(problem_of(error));
  } else {
    can_go_on = answer_request(parser, request, call) && parser.keep_alive();
  }
  loop_.steps().complete(call);
  const bool keep_alive = can_go_on && --requests_left_ > 0 && !loop_.is_stopping();
  const bool sent = send(answer, request, keep_alive);
  loop_.steps().record(call);
  if (sent && !keep_alive) drain();
  return sent && keep_alive;
}

// False: bytes of the request may still be on the wire, and would be taken for the next one.
bool HttpConnection::answer_request(RequestParser& parser, HttpRequest& request, HttpCall& call) {
  const bool body_follows = !parser.is_done();
  const bool body_waits = body_follows && waits_for_continue(request);
  if (const auto problem = loop_.steps().objection(call, body_follows && !body_waits)) {
    call.answer(*problem);
    return !body_follows;
  }
  if (body_follows) {
    const auto deadline = call.context().started + request_time_max;
    Error error;
    if (body_waits) {
      constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      error = until(deadline, [&](auto token) {
        boost::asio::async_write(socket_, boost::asio::buffer(go_on), token);
      });
    }
    parser.body_limit(loop_.settings().body_bytes_max);
    parser.eager(true);
    if (!error) error = read_until(&RequestParser::is_done, parser, deadline);
    if (error) {
      call.answer(problem_of(error));
      return false;
    }
    request.body = std::move(parser.get().body());
  }
  loop_.steps().answer(call);
  return true;
}

HttpConnection::Error HttpConnection::read_until(Done done, RequestParser& parser,
                                                 Clock::time_point deadline) {
  while (!(parser.*done)()) {
    Error error = http::error::need_more;
    std::string_view bytes(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    // An empty line before a request is left over from the body before it.
    if (!parser.got_some() && bytes.starts_with("\r\n")) {
      buffer_.consume(2);
      bytes.remove_prefix(2);
    }
    if (!bytes.empty() && bytes != "\r") buffer_.consume(parse(parser, bytes, error));
    if (!error) continue;
    if (error != http::error::need_more) return error;
    error = read_some(deadline);
    if (error == boost::asio::error::eof) {
      error = {};
      if (parser.got_some()) parser.put_eof(error);
      return error ? error : http::error::end_of_stream;
    }
    if (error) return error;
  }
  return {};
}

HttpConnection::Error HttpConnection::read_some(Clock::time_point deadline) {
  if (buffer_.size() + read_bytes > buffer_bytes_max) return http::error::buffer_overflow;
  if (Clock::now() >= deadline) {  // also of a client who is never out of bytes
    too_slow_ = true;
    return boost::asio::error::timed_out;
  }
  const auto room = buffer_.prepare(read_bytes);
  Error error;
  std::size_t received = socket_.read_some(room, error);  // mostly they are here already
  if (error == boost::asio::error::would_block) {
    error = until(deadline, [&](auto token) { received = socket_.async_read_some(room, token); });
  }
  buffer_.commit(received);
  if (received == read_bytes) let_others_run();
  return error;
}

Problem HttpConnection::problem_of(const Error& error) const {
  if (too_slow_) return request_timeout();
  if (error == http::error::header_limit) return header_too_large();
  if (error == http::error::body_limit) {
    return payload_too_large(loop_.settings().body_bytes_max);
  }
  return invalid_request("The request is not well-formed HTTP.");
}

std::string HttpConnection::head_of(const HttpAnswer& answer, bool keep_alive) const {
  constexpr std::size_t usual_bytes = 512;
  std::string head;
  head.reserve(usual_bytes + answer.body.size());
  const auto add = [&head](std::string_view name, std::string_view value) {
    head.append(name).append(": ").append(value).append("\r\n");
  };
  const std::string_view reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  head.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" ").append(reason);
  head.append("\r\n");
  for (const auto& [name, value] : answer.headers) add(name, value);
  add("Date", loop_.date());
  add("Connection", keep_alive ? "keep-alive" : "close");
  if (keep_alive) add("Keep-Alive", loop_.keep_alive());
  if (may_have_body(answer)) add("Content-Length", std::to_string(answer.body.size()));
  head.append("\r\n");
  return head;
}

// False: the client has gone, or is too slow.
bool HttpConnection::send(const HttpAnswer& answer, const HttpRequest& request, bool keep_alive) {
  std::string bytes = head_of(answer, keep_alive);
  if (may_have_body(answer) && request.method != "HEAD") bytes += answer.body;
  Error error;
  std::size_t sent = socket_.write_some(boost::asio::buffer(bytes), error);  // mostly all of it
  if (error == boost::asio::error::would_block) {
    error = {};
    sent = 0;
  }
  if (!error && sent < bytes.size()) {
    const auto parts = static_cast<int>(1 + bytes.size() / answer_part_bytes);
    error = until(Clock::now() + parts * answer_time_max, [&](auto token) {
      boost::asio::async_write(socket_, boost::asio::buffer(bytes) + sent, token);
    });
  }
  return !error;
}

// So that the answer still reaches the client: a close with unread bytes would reset the
// connection.
void HttpConnection::drain() {
  Error error;
  socket_.shutdown(Socket::shutdown_send, error);
  const auto deadline = Clock::now() + drain_time_max;
  std::size_t drained = 0;
  while (!error && drained < drained_bytes_max) {
    buffer_.clear();
    error = read_some(deadline);
    drained += buffer_.size();
  }
}

void HttpConnection::turn_away() {
  loop_.loop().spawn([self = shared_from_this()] {
    const HttpRequest request;
    RequestContext context;
    HttpAnswer answer;
    HttpCall call(request, answer, context);
    context.request_id = request_id_of(request.head);
    Problem problem = busy();
    problem.detail = "Too many clients are connected. Try again later.";
    call.answer(problem);
    self->loop_.steps().complete(call);
    if (self->send(answer, request, false)) self->drain();
  });
}

}  // namespace evently
