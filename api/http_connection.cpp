#include "api/http_connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace evently {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t head_bytes_max = 32'768;
constexpr std::size_t read_buffer_bytes = 8'192;
constexpr std::size_t write_buffer_bytes_max = 65'536;
constexpr milliseconds request_time_max{10'000};  // from its first byte to its last
constexpr milliseconds answer_time_max{10'000};   // for one buffer full
constexpr milliseconds linger_time_max{500};
constexpr std::size_t linger_bytes_max = 1'048'576;

// False when the time is over. An error shows itself in the read or write that follows.
bool wait_for(int socket, short events, std::chrono::steady_clock::time_point deadline) {
  pollfd descriptor{socket, events, 0};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    const int ready = poll(&descriptor, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

void name_of(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    port = ntohs(v6.sin6_port);
  }
  ip = text;
}

}  // namespace

HttpConnection::HttpConnection(int socket) : socket_(socket), read_buffer_(read_buffer_bytes) {
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

HttpConnection::~HttpConnection() {
  ::close(socket_);
}

void HttpConnection::begin_request(RequestContext& context) {
  context_ = &context;
  in_head_ = true;
  read_deadline_ = Clock::now() + request_time_max;
}

bool HttpConnection::is_readable() const {
  return has_buffered_input() || wait_for(socket_, POLLIN, read_deadline_);
}

ssize_t HttpConnection::read(char* target, size_t size) {
  if (!has_buffered_input()) {
    const ssize_t received = fill_buffer();
    if (received <= 0) return received;
  }
  const std::size_t count = std::min(size, read_end_ - read_offset_);
  std::memcpy(target, read_buffer_.data() + read_offset_, count);
  if (in_head_ && !note_head(target, count)) return -1;
  read_offset_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t HttpConnection::fill_buffer() {
  if (!flush()) return -1;  // "100 Continue" must leave before its body can come
  for (;;) {
    if (!wait_for(socket_, POLLIN, read_deadline_)) {
      if (context_ != nullptr) context_->too_slow = true;
      return -1;
    }
    const ssize_t received = recv(socket_, read_buffer_.data(), read_buffer_.size(), MSG_DONTWAIT);
    if (received < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (received < 0) {
      broken_ = true;
      return -1;
    }
    read_offset_ = 0;
    read_end_ = static_cast<std::size_t>(received);
    return received;
  }
}

// The library reads the header section byte by byte, so none of the body comes here.
bool HttpConnection::note_head(const char* bytes, std::size_t size) {
  constexpr std::string_view end_of_head = "\n\r\n";
  std::string& head = context_->head_text;
  if (head.size() + size > head_bytes_max) {
    context_->head_too_large = true;
    return false;
  }
  head.append(bytes, size);
  in_head_ = head.size() < end_of_head.size() ||
             head.compare(head.size() - end_of_head.size(), end_of_head.size(), end_of_head) != 0;
  return true;
}

ssize_t HttpConnection::write(const char* bytes, size_t size) {
  if (broken_) return -1;
  write_buffer_.append(bytes, size);
  if (write_buffer_.size() >= write_buffer_bytes_max && !flush()) return -1;
  return static_cast<ssize_t>(size);
}

bool HttpConnection::flush() {
  const auto deadline = Clock::now() + answer_time_max;
  std::size_t sent = 0;
  while (!broken_ && sent < write_buffer_.size()) {
    const ssize_t count = send(socket_, write_buffer_.data() + sent, write_buffer_.size() - sent,
                               MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      sent += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      broken_ = !wait_for(socket_, POLLOUT, deadline);
    } else if (errno != EINTR) {
      broken_ = true;
    }
  }
  write_buffer_.clear();
  return !broken_;
}

void HttpConnection::close_after_refusal() {
  shutdown(socket_, SHUT_WR);
  const auto deadline = Clock::now() + linger_time_max;
  std::size_t drained = 0;
  while (drained < linger_bytes_max && wait_for(socket_, POLLIN, deadline)) {
    const ssize_t count = recv(socket_, read_buffer_.data(), read_buffer_.size(), MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return;
    if (count > 0) drained += static_cast<std::size_t>(count);
  }
}

void HttpConnection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    name_of(address, ip, port);
  }
}

void HttpConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
    name_of(address, ip, port);
  }
}

}  // namespace evently
