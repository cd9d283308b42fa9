#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/http.h"

namespace evently {

// A TCP connection that sends exactly the bytes it is given: no client library corrects them.
class RawSocket {
 public:
  explicit RawSocket(const std::string& url);
  RawSocket();  // to the stack's own service
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  // False when the other side has hung up.
  bool send(std::string_view bytes);
  void finish_sending();

  // The next response whole; nullopt when the connection ends or the wait is over first.
  std::optional<Reply> receive(std::chrono::milliseconds wait);

  // True when the other side closes within the wait, having sent nothing more.
  bool closes(std::chrono::milliseconds wait);

  // Everything that comes until the other side closes or the wait is over.
  std::string receive_all(std::chrono::milliseconds wait);

 private:
  enum class Received { some, end, nothing };
  Received receive_some(std::chrono::steady_clock::time_point deadline);

  int socket_;
  std::string received_;  // and not yet handed out
};

}  // namespace evently
