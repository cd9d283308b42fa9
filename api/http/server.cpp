#include "api/http/server.h"

#include <netdb.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "runtime/log.h"

namespace evently {
namespace {

constexpr int backlog = 1024;
constexpr std::size_t queue_max = 256;
constexpr int requests_per_connection_max = 10'000;
constexpr int idle_before_shed_ms = 200;
constexpr std::chrono::milliseconds wait_without_resources{100};

// The library's function for one request, whose signature grew between the versions we build with.
template <class Server>
auto process(Server serve, HttpConnection& connection, bool close, bool& closed, int)
    -> decltype(serve(connection, close, closed, nullptr)) {
  return serve(connection, close, closed, nullptr);
}

template <class Server>
bool process(Server serve, HttpConnection& connection, bool close, bool& closed, long) {
  std::string remote_address, local_address;
  int remote_port = 0, local_port = 0;
  connection.get_remote_ip_and_port(remote_address, remote_port);
  connection.get_local_ip_and_port(local_address, local_port);
  return serve(connection, remote_address, remote_port, local_address, local_port, close, closed,
               nullptr);
}

}  // namespace

thread_local RequestContext* RequestScope::current_ = nullptr;

WakeUp::WakeUp(int flags) : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | flags)) {
  if (descriptor_ < 0) throw std::runtime_error("no file descriptor for an event");
}

WakeUp::~WakeUp() {
  ::close(descriptor_);
}

void WakeUp::signal() noexcept {
  const std::uint64_t one = 1;
  // It fails only when the counter is full, and then it is signalled already.
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, &one, sizeof one);
}

bool WakeUp::consume() noexcept {
  std::uint64_t count = 0;
  return ::read(descriptor_, &count, sizeof count) == sizeof count;
}

HttpServer::HttpServer(int threads, int keep_alive_ms)
    : thread_count_(threads), keep_alive_ms_(keep_alive_ms), stop_(0), shed_(EFD_SEMAPHORE) {
  set_keep_alive_timeout((keep_alive_ms + 999) / 1000);  // what answers announce
  set_keep_alive_max_count(requests_per_connection_max);
}

std::string HttpServer::listen_on(const std::string& address, int port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string place = address + " port " + std::to_string(port);
  if (const int fault =
          getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found)) {
    return "cannot listen on " + place + ": " + gai_strerror(fault);
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, freeaddrinfo);
  const int socket = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  // Not SO_REUSEPORT: a second server would share the port without a word.
  if (socket < 0 || setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket, found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket, backlog) != 0) {
    const int fault = errno;
    if (socket >= 0) ::close(socket);
    return "cannot listen on " + place + ": " + std::strerror(fault) +
           (fault == EADDRINUSE ? " (set PORT to a free one)" : "");
  }
  svr_sock_ = socket;
  return "";
}

bool HttpServer::serve() {
  std::vector<std::thread> threads;
  for (int i = 0; i < thread_count_; ++i) threads.emplace_back([this] { work(); });
  const bool accepted = accept_connections();
  stop_serving();  // also when accepting failed: idle connections must not hold their threads
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  queued_.notify_all();
  // Before the running requests end: new clients are refused at once, not left in the backlog.
  ::close(svr_sock_);
  svr_sock_ = INVALID_SOCKET;
  for (std::thread& thread : threads) thread.join();
  return accepted;
}

void HttpServer::stop_serving() noexcept {
  stopping_ = true;
  stop_.signal();
  taken_.notify_all();
}

bool HttpServer::wait_for_client() {
  pollfd descriptors[] = {{svr_sock_, POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
  while (poll(descriptors, 2, -1) < 0 && errno == EINTR) continue;
  return !stopping_;
}

bool HttpServer::accept_connections() {
  while (wait_for_client()) {
    const int socket = accept4(svr_sock_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket >= 0) {
      enqueue(socket);
      continue;
    }
    switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM: {
        // Until a connection ends, or another program frees what is missing.
        std::unique_lock lock(mutex_);
        taken_.wait_for(lock, wait_without_resources);
        break;
      }
      case EBADF:
      case EINVAL:
      case ENOTSOCK:
        log(Level::error, "cannot accept connections", {{"error", std::strerror(errno)}});
        return false;
      default:
        break;  // the client's doing, such as a connection that ended in the backlog
    }
  }
  return true;
}

void HttpServer::enqueue(int socket) {
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [this] { return queue_.size() < queue_max || stopping_; });
  queue_.push_back(socket);
  // Under the lock, as work() consumes it: otherwise a worker could consume the signal before this
  // connection is queued.
  if (queue_.size() > static_cast<std::size_t>(idle_threads_)) shed_.signal();
  lock.unlock();
  queued_.notify_one();
}

bool HttpServer::others_wait() {
  const std::lock_guard lock(mutex_);
  return !queue_.empty();
}

void HttpServer::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    ++idle_threads_;
    queued_.wait(lock, [this] { return !queue_.empty() || closed_; });
    --idle_threads_;
    if (queue_.empty()) return;
    const int socket = queue_.front();
    queue_.pop_front();
    // A signal that is no longer needed must not wake idle connections later.
    while (queue_.empty() && shed_.consume()) continue;
    lock.unlock();
    taken_.notify_one();
    try {
      serve_connection(socket);
    } catch (const std::exception& error) {
      log(Level::error, "connection given up", {{"error", error.what()}});
    }
  }
}

// True when a request has begun to arrive, or the client has gone, which reading will tell.
bool HttpServer::wait_for_request(const HttpConnection& connection) {
  if (connection.has_buffered_input()) return true;
  const auto start = std::chrono::steady_clock::now();
  for (;;) {
    const auto idle_ms = static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                              std::chrono::steady_clock::now() - start)
                                              .count());
    if (idle_ms >= keep_alive_ms_) return false;
    // Not at once: the next request of a busy client may be on its way.
    const bool may_shed = idle_ms >= idle_before_shed_ms;
    pollfd descriptors[] = {{connection.socket(), POLLIN, 0},
                            {stop_.descriptor(), POLLIN, 0},
                            {shed_.descriptor(), POLLIN, 0}};
    const int until_ms = may_shed ? keep_alive_ms_ : std::min(idle_before_shed_ms, keep_alive_ms_);
    const int ready = poll(descriptors, may_shed ? 3 : 2, until_ms - idle_ms);
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    if (descriptors[0].revents != 0) return true;
    if (descriptors[1].revents != 0) return false;
    if (shed_.consume() && others_wait()) return false;
  }
}

void HttpServer::serve_connection(int socket) {
  HttpConnection connection(socket);
  for (int left = requests_per_connection_max; left > 0 && wait_for_request(connection); --left) {
    RequestContext context;
    const RequestScope scope(context);
    connection.begin_request(context);
    const bool last = left == 1 || stopping_ || others_wait();
    bool asked_to_close = false;
    const bool intact = process(
        [this](auto&&... arguments) -> decltype(process_request(
                                        std::forward<decltype(arguments)>(arguments)...)) {
          return process_request(std::forward<decltype(arguments)>(arguments)...);
        },
        connection, last, asked_to_close, 0);
    const bool sent = connection.flush();
    if (context.close_connection && sent) connection.close_after_refusal();
    if (!intact || !sent || last || asked_to_close || context.close_connection) return;
  }
}

}  // namespace evently
