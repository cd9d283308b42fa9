#pragma once

#include <pqxx/pqxx>

#include <cstdint>
#include <optional>
#include <string>

namespace evently {

// The database behind the service, by its superuser: for arranging what REST cannot, and for
// looking at the truth.
class OwnerDatabase {
 public:
  OwnerDatabase();
  explicit OwnerDatabase(const std::string& url);  // another server than the stack's

  // Each statement is a transaction of its own.
  pqxx::result run(const std::string& statement);
  template <class T>
  T value(const std::string& query) {
    return run(query).at(0).at(0).as<T>();
  }

  std::int64_t seats_available(std::int64_t event_id);
  std::int64_t live_seats(std::int64_t event_id);

  // What evently.verify() complains of, one line each; empty when all is well.
  std::string violations();

  // How many backends of the service wait for a lock.
  int waiting_for_lock();

  // Throws when the server is away. After it was lost, as by a restart, it is a new one, without
  // the settings of the old one.
  pqxx::connection& connection();

 private:
  const std::string url_;
  std::optional<pqxx::connection> connection_;  // none when the server was away
};

// Holds the lock of an event as a booking does, until it is destroyed or released.
class HeldEvent {
 public:
  explicit HeldEvent(std::int64_t event_id);
  void release() { transaction_.commit(); }

 private:
  OwnerDatabase database_;
  pqxx::work transaction_;
};

}  // namespace evently
