#pragma once

#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/http/connection.h"

namespace evently {

// A file descriptor that other threads wait for in poll().
class WakeUp {
 public:
  explicit WakeUp(int flags);
  ~WakeUp();
  WakeUp(const WakeUp&) = delete;
  WakeUp& operator=(const WakeUp&) = delete;

  void signal() noexcept;
  bool consume() noexcept;  // false when another thread was faster
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

// The HTTP library parses requests and writes answers; we accept, run threads and keep alive,
// because its own backlog is 5, its queue unbounded, and its idle connections hold their threads.
// A thread serves one connection at a time. Connections beyond the threads queue up to a bound, the
// rest wait in the kernel's backlog. While others wait, answers close their connection, and a
// connection that lies idle gives its thread up.
class HttpServer : public httplib::Server {
 public:
  HttpServer(int threads, int keep_alive_ms);

  // Empty when it listens, otherwise a sentence that says why not.
  std::string listen_on(const std::string& address, int port);

  // Serves until stop_serving(); running requests finish. Returns false when accepting failed.
  bool serve();

  // May be called from any thread at any time.
  void stop_serving() noexcept;

 private:
  bool accept_connections();
  bool wait_for_client();
  void enqueue(int socket);
  void work();
  void serve_connection(int socket);
  bool wait_for_request(const HttpConnection& connection);
  bool others_wait();

  const int thread_count_;
  const int keep_alive_ms_;
  std::atomic<bool> stopping_{false};
  WakeUp stop_;  // signalled once, never consumed: wakes every thread that waits
  WakeUp shed_;  // one for each connection that found no thread free

  std::mutex mutex_;                // guards what follows
  std::condition_variable queued_;  // a connection waits, or none will come any more
  std::condition_variable taken_;   // the queue has room again
  std::deque<int> queue_;
  int idle_threads_ = 0;
  bool closed_ = false;  // nothing will be queued any more
};

}  // namespace evently
