#include "redis_bridge/bridge/postgres_session.h"

#include <libpq-fe.h>
#include <poll.h>

#include "runtime/integers.h"

namespace evently {
namespace {

constexpr std::chrono::seconds connect_timeout{5};
// The server ends a statement first; the longer wait is for a server that has fallen silent.
constexpr const char* server_timeout = "SET statement_timeout = '4s'";
constexpr std::chrono::seconds answer_timeout{5};

std::string without_line_end(const char* message) {
  std::string text(message);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

void PostgresRows::Deleter::operator()(pg_result* result) const {
  PQclear(result);
}

int PostgresRows::size() const {
  return PQntuples(result_.get());
}

std::string PostgresRows::text(int row, int column) const {
  return PQgetvalue(result_.get(), row, column);
}

std::int64_t PostgresRows::integer(int row, int column) const {
  const std::string value = text(row, column);
  const auto number = parse_integer(value);
  if (!number) throw PostgresError("a whole number was expected, not '" + value + "'");
  return *number;
}

void PostgresSession::Deleter::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

PostgresSession::PostgresSession(const std::string& url, const StopEvent& stop) : stop_(stop) {
  const char* names[] = {"dbname", "fallback_application_name", nullptr};
  const char* values[] = {url.c_str(), "evently-bridge", nullptr};
  connection_.reset(PQconnectStartParams(names, values, 1));
  if (!connection_) throw PostgresError("out of memory");
  connect(Clock::now() + connect_timeout);
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
  if (PQsetnonblocking(connection_.get(), 1) != 0) fail();
  query(server_timeout);
}

void PostgresSession::connect(Clock::time_point deadline) {
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  if (PQstatus(connection_.get()) == CONNECTION_BAD) fail();
  while (status != PGRES_POLLING_OK) {
    if (status == PGRES_POLLING_FAILED) fail();
    wait(status == PGRES_POLLING_READING ? POLLIN : POLLOUT, deadline);
    status = PQconnectPoll(connection_.get());
  }
}

PostgresRows PostgresSession::query(const char* sql, const std::vector<std::string>& parameters) {
  const auto deadline = Clock::now() + answer_timeout;
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  if (PQsendQueryParams(connection_.get(), sql, static_cast<int>(values.size()), nullptr,
                        values.data(), nullptr, nullptr, 0) != 1) {
    fail();
  }
  flush(deadline);
  return receive(deadline);
}

void PostgresSession::flush(Clock::time_point deadline) {
  while (true) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) fail();
    if (unsent == 0) return;
    wait(POLLIN | POLLOUT, deadline);
    // Reads as well, or a server that wants to be read first would never take the rest.
    if (PQconsumeInput(connection_.get()) != 1) fail();
  }
}

PostgresRows PostgresSession::receive(Clock::time_point deadline) {
  PostgresRows rows(nullptr);
  while (true) {
    while (PQisBusy(connection_.get()) == 1) {
      wait(POLLIN, deadline);
      if (PQconsumeInput(connection_.get()) != 1) fail();
    }
    pg_result* result = PQgetResult(connection_.get());
    if (result == nullptr) return rows;
    rows = PostgresRows(result);
    const ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      throw PostgresError(without_line_end(PQresultErrorMessage(result)));
    }
  }
}

std::vector<std::string> PostgresSession::notifications() {
  if (PQconsumeInput(connection_.get()) != 1) fail();
  std::vector<std::string> payloads;
  while (PGnotify* notification = PQnotifies(connection_.get())) {
    const std::unique_ptr<PGnotify, void (*)(void*)> owner(notification, PQfreemem);
    payloads.emplace_back(notification->extra);
  }
  return payloads;
}

int PostgresSession::socket() const {
  return PQsocket(connection_.get());
}

std::string PostgresSession::address() const {
  const pg_conn* connection = connection_.get();
  return std::string(PQhost(connection)) + ":" + PQport(connection) + "/" + PQdb(connection);
}

void PostgresSession::wait(short events, Clock::time_point deadline) const {
  if (stop_.wait(socket(), events, deadline) == 0) {
    throw PostgresError("PostgreSQL did not answer in time");
  }
}

void PostgresSession::fail() const {
  throw PostgresError(without_line_end(PQerrorMessage(connection_.get())));
}

bool valid_postgres_url(const std::string& url) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(url.c_str(), &message);
  PQconninfoFree(options);
  PQfreemem(message);
  return options != nullptr;
}

}  // namespace evently
