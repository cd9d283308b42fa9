#pragma once

#include <httplib.h>
#include <sys/socket.h>

#include <chrono>
#include <string>
#include <vector>

#include "api/http/request_context.h"

namespace evently {

// A client's socket as the HTTP library reads and writes it, with what the library's own lacks: a
// bound on the header section, a deadline for a whole request and a whole answer (not for each
// byte), the header section as it came, bytes of the next request kept, and one packet an answer.
class HttpConnection : public httplib::Stream {
 public:
  explicit HttpConnection(int socket);
  ~HttpConnection() override;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // What is read from now on belongs to this request.
  void begin_request(RequestContext& context);

  // Sends what is still buffered; false when the client is gone or too slow.
  bool flush();

  // The next request has begun to arrive already.
  bool has_buffered_input() const { return read_offset_ < read_end_; }

  // Ends the connection so that an answer given before the body was read still reaches the
  // client: a close with unread bytes would reset the connection.
  void close_after_refusal();

  bool is_readable() const override;
  bool is_writable() const override { return !broken_; }
  ssize_t read(char* target, size_t size) override;
  ssize_t write(const char* bytes, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Clock = std::chrono::steady_clock;

  // An end of the connection by name.
  struct Endpoint {
    std::string ip;
    int port = 0;
  };
  using NameOf = int(int, sockaddr*, socklen_t*);
  static Endpoint endpoint(int socket, NameOf& name_of);

  ssize_t fill_buffer();
  bool note_head();

  const int socket_;
  const Endpoint remote_;
  const Endpoint local_;
  RequestContext* context_ = nullptr;
  bool in_head_ = false;
  Clock::time_point read_deadline_;
  std::vector<char> read_buffer_;
  std::size_t read_offset_ = 0;
  std::size_t read_end_ = 0;
  std::size_t noted_end_ = 0;  // up to here the header section has been noted
  std::string write_buffer_;
  bool broken_ = false;
};

}  // namespace evently
