#pragma once

#include <functional>
#include <pqxx/pqxx>
#include <string>
#include <utility>

// All that the tests know of the differences between libpqxx 6 (Debian 12) and 7.10 and 8 (later
// ones).
namespace evently {

#if PQXX_VERSION_MAJOR < 7

// Collects what the server says besides, of warnings, on a connection.
class Notices : public pqxx::errorhandler {
 public:
  explicit Notices(pqxx::connection& connection) : pqxx::errorhandler(connection) {}
  bool operator()(const char message[]) noexcept override {
    text_ += message;
    return false;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Listens on a channel, and calls `heard` with the payload of each notification that
// connection.get_notifs() finds there.
class Subscription : public pqxx::notification_receiver {
 public:
  Subscription(pqxx::connection& connection, const std::string& channel,
               std::function<void(const std::string&)> heard)
      : pqxx::notification_receiver(connection, channel), heard_(std::move(heard)) {}
  void operator()(const std::string& payload, int) override { heard_(payload); }

 private:
  std::function<void(const std::string&)> heard_;
};

#else

class Notices {
 public:
  explicit Notices(pqxx::connection& connection) {
    connection.set_notice_handler([this](pqxx::zview message) { text_ += message; });
  }
  Notices(const Notices&) = delete;
  Notices& operator=(const Notices&) = delete;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Subscription {
 public:
  Subscription(pqxx::connection& connection, const std::string& channel,
               std::function<void(const std::string&)> heard) {
    connection.listen(channel, [heard = std::move(heard)](const pqxx::notification& notification) {
      heard(std::string(notification.payload));
    });
  }
};

#endif

}  // namespace evently
