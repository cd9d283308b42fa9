#include "api/http/connection.h"

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

}  // namespace

// Asked once: the library wants both ends with every request.
HttpConnection::Endpoint HttpConnection::endpoint(int socket, NameOf& name_of) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (name_of(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    return {text, ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
  inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
  return {text, ntohs(v6.sin6_port)};
}

HttpConnection::HttpConnection(int socket)
    : socket_(socket),
      remote_(endpoint(socket, getpeername)),
      local_(endpoint(socket, getsockname)),
      read_buffer_(read_buffer_bytes) {
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

HttpConnection::~HttpConnection() {
  ::close(socket_);
}

void HttpConnection::begin_request(RequestContext& context) {
  context_ = &context;
  in_head_ = true;
  noted_end_ = read_offset_;
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
  read_offset_ += count;
  // The library reads the header section byte by byte; it is noted line by line.
  if (in_head_ && target[count - 1] == '\n' && !note_head()) return -1;
  return static_cast<ssize_t>(count);
}

ssize_t HttpConnection::fill_buffer() {
  if (!flush()) return -1;  // "100 Continue" must leave before its body can come
  if (in_head_ && !note_head()) return -1;
  for (;;) {
    const ssize_t received = recv(socket_, read_buffer_.data(), read_buffer_.size(), MSG_DONTWAIT);
    if (received >= 0) {
      read_offset_ = noted_end_ = 0;
      read_end_ = static_cast<std::size_t>(received);
      return received;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN) {
      broken_ = true;
      return -1;
    }
    if (!wait_for(socket_, POLLIN, read_deadline_)) {
      if (context_ != nullptr) context_->too_slow = true;
      return -1;
    }
  }
}

// What has been read of the header section since the last time.
bool HttpConnection::note_head() {
  constexpr std::string_view end_of_head = "\n\r\n";
  std::string& head = context_->head_text;
  if (head.size() + (read_offset_ - noted_end_) > head_bytes_max) {
    context_->head_too_large = true;
    return false;
  }
  head.append(read_buffer_.data() + noted_end_, read_offset_ - noted_end_);
  noted_end_ = read_offset_;
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
  ip = remote_.ip;
  port = remote_.port;
}

void HttpConnection::get_local_ip_and_port(std::string& ip, int& port) const {
  ip = local_.ip;
  port = local_.port;
}

}  // namespace evently
