#pragma once

#include <boost/asio/steady_timer.hpp>
#include <string>
#include <unordered_set>

#include "api/http/connection.h"
#include "api/http/connection_counts.h"
#include "runtime/loop.h"

namespace evently {

// A thread of the server with the connections that it serves. Looks at them ten times per second
// for those that are too slow: cheaper than a timer for each.
class ServerLoop {
 public:
  ServerLoop(const ConnectionSettings& settings, ConnectionCounts& counts);

  void run(RequestSteps& steps);  // until stopped and without connections
  void stop();                    // from any thread

  void has_come(HttpConnection& connection);
  void has_gone(HttpConnection& connection);
  Loop& loop() { return loop_; }
  const ConnectionSettings& settings() const { return settings_; }
  RequestSteps& steps() { return *steps_; }
  bool is_stopping() const { return stopping_; }
  // Of the fields Date and Keep-Alive.
  const std::string& date() const { return date_; }
  const std::string& keep_alive() const { return keep_alive_; }

 private:
  void tick();
  void end_if_done();

  const ConnectionSettings settings_;
  RequestSteps* steps_ = nullptr;  // while it runs
  ConnectionCounts& counts_;
  Loop loop_;
  std::unordered_set<HttpConnection*> connections_;
  boost::asio::steady_timer ticks_;
  std::string date_;
  const std::string keep_alive_;
  bool stopping_ = false;
};

}  // namespace evently
