#include "tests/chaos/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace evently {
namespace {

template <class... Words>
std::string line_of(const Words&... words) {
  std::ostringstream line;
  const char* blank = "";
  ((line << blank << words, blank = " "), ...);
  line << "\n";
  return line.str();
}

void add_line(const std::string& line, History& history) {
  std::istringstream words(line);
  std::string kind;
  words >> kind;
  if (kind == "event") {
    std::int64_t event = 0;
    words >> event;
    words >> history.capacities[event];
  } else if (kind == "invoke") {
    std::int64_t invoked_us = 0;
    Operation operation;
    words >> invoked_us >> operation.key >> operation.user >> operation.event >> operation.seats;
    OperationHistory& entry = history.operations[operation.key];
    entry.operation = operation;
    entry.invoked_us.push_back(invoked_us);
  } else if (kind == "complete") {
    Completion completion;
    std::string key;
    words >> completion.invoked_us >> completion.completed_us >> key >> completion.status >>
        completion.booking;
    history.operations[key].completions.push_back(completion);
  } else if (kind == "invoke-cancel") {
    std::int64_t invoked_us = 0;
    std::int64_t booking = 0;
    words >> invoked_us >> booking;
    history.cancels[booking].invoked_us.push_back(invoked_us);
  } else if (kind == "complete-cancel") {
    Completion completion;
    words >> completion.invoked_us >> completion.completed_us >> completion.booking >>
        completion.status;
    history.cancels[completion.booking].completions.push_back(completion);
  } else if (kind == "complete-probe") {
    Completion completion;
    std::int64_t event = 0;
    words >> completion.invoked_us >> completion.completed_us >> event >> completion.status;
    history.probes[event].push_back(completion);
  } else {
    words.setstate(std::ios::failbit);
  }
  if (words.fail()) throw std::runtime_error("the journal has a line that makes no sense: " + line);
}

}  // namespace

Journal::Journal(const std::string& path)
    : file_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600)),
      begun_(std::chrono::steady_clock::now()) {
  if (file_ < 0) throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
}

Journal::~Journal() {
  close(file_);
}

void Journal::note_event(std::int64_t event, int capacity) {
  append(line_of("event", event, capacity));
}

std::int64_t Journal::invoke(const Operation& operation) {
  const std::int64_t invoked_us = now_us();
  append(line_of("invoke", invoked_us, operation.key, operation.user, operation.event,
                 operation.seats));
  make_durable();
  return invoked_us;
}

std::int64_t Journal::invoke_cancel(std::int64_t booking) {
  const std::int64_t invoked_us = now_us();
  append(line_of("invoke-cancel", invoked_us, booking));
  make_durable();
  return invoked_us;
}

void Journal::complete(const Operation& operation, std::int64_t invoked_us, int status,
                       std::int64_t booking) {
  append(line_of("complete", invoked_us, now_us(), operation.key, status, booking));
}

void Journal::complete_cancel(std::int64_t booking, std::int64_t invoked_us, int status) {
  append(line_of("complete-cancel", invoked_us, now_us(), booking, status));
}

void Journal::complete_probe(std::int64_t event, std::int64_t invoked_us, int status) {
  append(line_of("complete-probe", invoked_us, now_us(), event, status));
}

std::int64_t Journal::now_us() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begun_)
      .count();
}

// With O_APPEND a line is written whole, beside those of other threads.
void Journal::append(const std::string& line) {
  if (write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    throw std::runtime_error(std::string("cannot write the journal: ") + std::strerror(errno));
}

void Journal::make_durable() {
  if (fdatasync(file_) != 0)
    throw std::runtime_error(std::string("cannot sync the journal: ") + std::strerror(errno));
}

History read_history(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  History history;
  std::string line;
  while (std::getline(file, line) && !file.eof()) add_line(line, history);
  return history;
}

}  // namespace evently
