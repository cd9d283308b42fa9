#include "tests/faults/support/postgres_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>

#include "tests/support/sessions/eventually.h"

namespace evently {
namespace {

constexpr std::uint32_t ssl_request = 80877103;
constexpr std::uint32_t gss_request = 80877104;
constexpr std::uint32_t message_bytes_max = 64 * 1024 * 1024;
// For the server to end a session whose client has gone: longer than it waits for a lock.
constexpr Milliseconds drain_limit{10'000};

sockaddr_in address_of(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

std::uint32_t number_at(const std::string& bytes, std::size_t position) {
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data() + position, sizeof number);
  return ntohl(number);
}

bool send_all(int socket, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

// Appends what has come. False at the end of the connection.
bool receive_some(int socket, std::string& buffer) {
  char chunk[16 * 1024];
  ssize_t count;
  do {
    count = recv(socket, chunk, sizeof chunk, 0);
  } while (count < 0 && errno == EINTR);
  if (count <= 0) return false;
  buffer.append(chunk, static_cast<std::size_t>(count));
  return true;
}

// Takes the first message out of the buffer, when all of it is there. `typed`: not a client's
// first.
std::optional<WireMessage> take_message(Sender sender, bool typed, std::string& buffer) {
  const std::size_t head = typed ? 1 : 0;
  if (buffer.size() < head + sizeof(std::uint32_t)) return std::nullopt;
  const std::uint32_t length = number_at(buffer, head);
  if (length < sizeof(std::uint32_t) || length > message_bytes_max)
    throw std::runtime_error("this is not PostgreSQL's protocol");
  if (buffer.size() < head + length) return std::nullopt;
  WireMessage message{sender, typed ? buffer[0] : start_up_type, buffer.substr(0, head + length)};
  buffer.erase(0, head + length);
  return message;
}

}  // namespace

// One client and its session with the server, served by a thread of its own.
class PostgresProxy::Connection {
 public:
  Connection(PostgresProxy& proxy, int client, int server)
      : proxy_(proxy), client_(client), server_(server), thread_([this] { serve(); }) {}
  ~Connection() {
    thread_.join();
    close(client_);
    close(server_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // From another thread: ends both sides, and with them the thread.
  void sever() {
    severed_ = true;
    shutdown(client_, SHUT_RDWR);
    shutdown(server_, SHUT_RDWR);
  }
  bool ended() const { return ended_; }

 private:
  void serve() {
    try {
      while (pump()) {
      }
    } catch (const std::exception&) {  // not the protocol: for both sides the connection is lost
    }
    shutdown(client_, SHUT_RDWR);
    shutdown(server_, SHUT_RDWR);
    ended_ = true;
  }

  bool pump() {
    pollfd sockets[] = {{client_, POLLIN, 0}, {server_, POLLIN, 0}};
    if (poll(sockets, 2, -1) < 0) return errno == EINTR;
    if (sockets[0].revents != 0 && !take_from(Sender::client)) return false;
    return sockets[1].revents == 0 || take_from(Sender::server);
  }

  bool take_from(Sender sender) {
    const bool by_client = sender == Sender::client;
    std::string& buffer = by_client ? from_client_ : from_server_;
    if (!receive_some(by_client ? client_ : server_, buffer)) return false;
    while (const auto message = take_message(sender, !by_client || started_, buffer))
      if (severed_ || !pass_on(*message)) return false;
    return true;
  }

  bool pass_on(const WireMessage& message) {
    if (message.type == start_up_type) {
      const std::uint32_t code = message.bytes.size() < 8 ? 0 : number_at(message.bytes, 4);
      if (code == ssl_request || code == gss_request) return send_all(client_, "N");
      started_ = true;
    }
    const Fate fate = proxy_.fate_of(message);
    for (const std::string& bytes : fate.forward)
      if (!send_all(message.sender == Sender::client ? server_ : client_, bytes)) return false;
    if (fate.cut == Cut::none) return true;
    cut(fate.cut);
    return false;
  }

  // The client is cut off at once. The server gets what was sent to it and then the end; its
  // answer is dropped.
  void cut(Cut how) {
    if (how == Cut::reset) {
      // Disconnecting a socket of TCP sends a reset.
      sockaddr no_peer{};
      no_peer.sa_family = AF_UNSPEC;
      connect(client_, &no_peer, sizeof no_peer);
    }
    shutdown(client_, SHUT_RDWR);
    shutdown(server_, SHUT_WR);
    const auto start = Clock::now();
    std::string unheard;
    do {
      unheard.clear();
      const auto left = drain_limit - since(start);
      pollfd socket{server_, POLLIN, 0};
      if (left.count() <= 0 || poll(&socket, 1, static_cast<int>(left.count())) <= 0) return;
    } while (receive_some(server_, unheard));
  }

  PostgresProxy& proxy_;
  const int client_;
  const int server_;
  bool started_ = false;
  std::string from_client_;
  std::string from_server_;
  std::atomic<bool> severed_{false};
  std::atomic<bool> ended_{false};
  std::thread thread_;  // the last: it uses all above
};

PostgresProxy::PostgresProxy(const std::string& database_url)
    : listening_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address = address_of(0);
  socklen_t length = sizeof address;
  if (bind(listening_, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      listen(listening_, 64) != 0 ||
      getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    close(listening_);
    throw std::runtime_error("no port for the proxy");
  }
  const std::size_t port = database_url.find(':', database_url.rfind('@')) + 1;
  const std::size_t path = database_url.find('/', port);
  server_port_ = std::stoi(database_url.substr(port, path - port));
  url_ = database_url.substr(0, port) + std::to_string(ntohs(address.sin_port)) +
         database_url.substr(path);
  acceptor_ = std::thread([this] { accept_connections(); });
}

PostgresProxy::~PostgresProxy() {
  {
    const std::lock_guard lock(connections_mutex_);
    stopping_ = true;
    for (Connection& connection : connections_) connection.sever();
  }
  shutdown(listening_, SHUT_RDWR);  // wakes the acceptor
  acceptor_.join();
  connections_.clear();
  close(listening_);
}

void PostgresProxy::accept_connections() {
  while (true) {
    const int client = accept(listening_, nullptr, nullptr);
    if (client < 0 && errno == EINTR) continue;
    if (client < 0) return;
    const int server = socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = address_of(server_port_);
    const int on = 1;
    const std::lock_guard lock(connections_mutex_);
    connections_.remove_if([](const Connection& connection) { return connection.ended(); });
    if (stopping_ || server < 0 ||
        connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      close(client);
      if (server >= 0) close(server);
      continue;
    }
    for (const int end : {client, server})
      setsockopt(end, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.emplace_back(*this, client, server);
  }
}

Fate PostgresProxy::fate_of(const WireMessage& message) {
  const std::lock_guard lock(rule_mutex_);
  if (rule_ == nullptr) return {{message.bytes}, Cut::none};
  return rule_->fate(message);
}

void PostgresProxy::set_rule(WireRule* rule) {
  const std::lock_guard lock(rule_mutex_);
  rule_ = rule;
}

void PostgresProxy::drop_connections() {
  const std::lock_guard lock(connections_mutex_);
  for (Connection& connection : connections_) connection.sever();
}

}  // namespace evently
