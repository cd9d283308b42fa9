#include "tests/support/raw_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "tests/support/sessions/eventually.h"
#include "tests/support/sessions/stack.h"

namespace evently {
namespace {

int port_of(const std::string& url) {
  return std::stoi(url.substr(url.rfind(':') + 1));
}

// Fills a reply from the head of a response; returns the length of the body.
std::size_t parse_head(const std::string& head, Reply& reply) {
  if (head.compare(0, 7, "HTTP/1.") != 0) throw std::runtime_error("not HTTP: " + head);
  reply.status = std::stoi(head.substr(9, 3));
  std::size_t at = head.find("\r\n") + 2;
  while (at < head.size()) {
    const std::size_t end = std::min(head.find("\r\n", at), head.size());
    const std::string line = head.substr(at, end - at);
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos)
      reply.headers.emplace(line.substr(0, colon), line.substr(colon + 2));
    at = end + 2;
  }
  const std::string length = reply.header("Content-Length");
  return length.empty() ? 0 : std::stoul(length);
}

}  // namespace

RawSocket::RawSocket() : RawSocket(setting("API_URL")) {}

RawSocket::RawSocket(const std::string& url) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  if (socket_ < 0) throw std::runtime_error("no socket");
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port_of(url)));
  if (connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    throw std::runtime_error("cannot connect to " + url);
  }
}

RawSocket::~RawSocket() {
  close(socket_);
}

bool RawSocket::send(std::string_view bytes) {
  while (!bytes.empty()) {
    // The service may stop reading a request that it has refused already: do not wait for ever.
    pollfd writable{socket_, POLLOUT, 0};
    if (poll(&writable, 1, 5000) <= 0) return false;
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawSocket::finish_sending() {
  shutdown(socket_, SHUT_WR);
}

RawSocket::Received RawSocket::receive_some(std::chrono::steady_clock::time_point deadline) {
  const auto left_ms =
      std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd readable{socket_, POLLIN, 0};
  if (poll(&readable, 1, std::max(0, static_cast<int>(left_ms.count()))) <= 0)
    return Received::nothing;
  char buffer[4096];
  const ssize_t count = recv(socket_, buffer, sizeof buffer, 0);
  if (count <= 0) return Received::end;  // a reset ends it as well
  received_.append(buffer, static_cast<std::size_t>(count));
  return Received::some;
}

std::optional<Reply> RawSocket::receive(Milliseconds wait) {
  const auto deadline = Clock::now() + wait;
  std::size_t head_end;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos)
    if (receive_some(deadline) != Received::some) return std::nullopt;
  Reply reply;
  const std::size_t length = parse_head(received_.substr(0, head_end + 2), reply);
  const std::size_t whole = head_end + 4 + length;
  while (received_.size() < whole)
    if (receive_some(deadline) != Received::some) return std::nullopt;
  reply.body = received_.substr(head_end + 4, length);
  received_.erase(0, whole);
  return reply;
}

bool RawSocket::closes(Milliseconds wait) {
  return received_.empty() && receive_some(Clock::now() + wait) == Received::end;
}

std::string RawSocket::receive_all(Milliseconds wait) {
  const auto deadline = Clock::now() + wait;
  while (receive_some(deadline) == Received::some) {
  }
  return std::exchange(received_, std::string());
}

}  // namespace evently
