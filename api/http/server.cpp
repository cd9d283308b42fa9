#include "api/http/server.h"

#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "api/http/server_loop.h"
#include "runtime/log.h"

namespace evently {
namespace {

using boost::asio::ip::tcp;
using Error = boost::system::error_code;

constexpr int backlog = 4096;
constexpr std::chrono::milliseconds pause_without_resources{100};

bool is_lack_of_resources(const Error& error) {
  return error.value() == EMFILE || error.value() == ENFILE || error.value() == ENOBUFS ||
         error.value() == ENOMEM;
}

bool is_lasting(const Error& error) {
  return error.value() == EBADF || error.value() == EINVAL || error.value() == ENOTSOCK;
}

}  // namespace

HttpServer::HttpServer(const ServerSettings& settings, ConnectionCounts& counts)
    : settings_(settings),
      counts_(counts),
      loops_([&] {
        std::vector<std::unique_ptr<ServerLoop>> loops;
        for (int i = 0; i < settings.loops; ++i) {
          loops.push_back(std::make_unique<ServerLoop>(settings.connection, counts));
        }
        return loops;
      }()),
      acceptor_(loops_.front()->loop().io()),
      pause_(loops_.front()->loop().io()) {}

HttpServer::~HttpServer() = default;

std::string HttpServer::listen_on(const std::string& address, int port) {
  const std::string place = address + " port " + std::to_string(port);
  Error error;
  tcp::resolver resolver(loops_.front()->loop().io());
  const auto found =
      resolver.resolve(address, std::to_string(port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (error) return "cannot listen on " + place + ": " + error.message();
  for (const auto& candidate : found) {
    error = bind_to(candidate.endpoint());
    if (!error) break;
  }
  if (!error) return "";
  return "cannot listen on " + place + ": " + error.message() +
         (error == boost::asio::error::address_in_use ? " (set PORT to a free one)" : "");
}

boost::system::error_code HttpServer::bind_to(const tcp::endpoint& endpoint) {
  Error error, ignored;
  acceptor_.close(ignored);
  acceptor_.open(endpoint.protocol(), error);
  // Not SO_REUSEPORT: a second server would share the port without a word.
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(backlog, error);
  return error;
}

bool HttpServer::serve(RequestSteps& steps) {
  accept();
  std::vector<std::thread> threads;
  for (const auto& loop : loops_) threads.emplace_back([&] { loop->run(steps); });
  for (std::thread& thread : threads) thread.join();
  return !failed_;
}

void HttpServer::stop_serving() {
  boost::asio::post(loops_.front()->loop().io(), [this] { end_accepting(); });
}

void HttpServer::end_accepting() {
  // First: new clients are refused at once, not left in the backlog.
  Error ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& loop : loops_) loop->stop();
}

void HttpServer::accept() {
  ServerLoop& loop = *loops_[next_loop_];
  next_loop_ = (next_loop_ + 1) % loops_.size();
  acceptor_.async_accept(loop.loop().io(), [this, &loop](const Error& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) take(std::move(socket), loop);
    accept_again(error);
  });
}

void HttpServer::take(tcp::socket socket, ServerLoop& loop) {
  const std::size_t open = counts_.open;
  const bool is_welcome = open < settings_.connections_max;
  if (!is_welcome) ++counts_.turned_away;
  if (open >= settings_.connections_max + turned_away_at_once_max) return;
  ++counts_.open;  // until the connection has gone
  boost::asio::post(loop.loop().io(), [&loop, is_welcome, socket = std::move(socket)]() mutable {
    const auto connection = std::make_shared<HttpConnection>(loop, std::move(socket));
    if (is_welcome) {
      connection->wait_for_request();
    } else {
      connection->turn_away();
    }
  });
}

void HttpServer::accept_again(const Error& error) {
  if (is_lasting(error)) {
    log(Level::error, "cannot accept connections", {{"error", error.message()}});
    failed_ = true;
    end_accepting();
  } else if (is_lack_of_resources(error)) {
    // Until a connection ends, or another program frees what is missing.
    pause_.expires_after(pause_without_resources);
    pause_.async_wait([this](const Error& cancelled) {
      if (!cancelled) accept();
    });
  } else {  // what else fails is the client's doing, such as a connection that ended in the backlog
    accept();
  }
}

}  // namespace evently
