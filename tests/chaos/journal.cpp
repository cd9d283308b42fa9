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
  } else if (kind == "ask") {
    std::int64_t asked_us = 0;
    Wish wish;
    words >> asked_us >> wish.key >> wish.user >> wish.event >> wish.seats;
    WishHistory& entry = history.wishes[wish.key];
    entry.wish = wish;
    entry.asked_us.push_back(asked_us);
  } else if (kind == "told") {
    Told told;
    std::string key;
    words >> told.asked_us >> told.told_us >> key >> told.status >> told.booking;
    history.wishes[key].told.push_back(told);
  } else if (kind == "ask-cancel") {
    std::int64_t asked_us = 0;
    std::int64_t booking = 0;
    words >> asked_us >> booking;
    history.cancels[booking].asked_us.push_back(asked_us);
  } else if (kind == "told-cancel") {
    Told told;
    words >> told.asked_us >> told.told_us >> told.booking >> told.status;
    history.cancels[told.booking].told.push_back(told);
  } else if (kind == "told-probe") {
    Told told;
    std::int64_t event = 0;
    words >> told.asked_us >> told.told_us >> event >> told.status;
    history.probes[event].push_back(told);
  } else {
    words.setstate(std::ios::failbit);
  }
  if (words.fail()) throw std::runtime_error("the journal has a line that says nothing: " + line);
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

std::int64_t Journal::intend(const Wish& wish) {
  const std::int64_t asked_us = now_us();
  append(line_of("ask", asked_us, wish.key, wish.user, wish.event, wish.seats));
  make_durable();
  return asked_us;
}

std::int64_t Journal::intend_cancel(std::int64_t booking) {
  const std::int64_t asked_us = now_us();
  append(line_of("ask-cancel", asked_us, booking));
  make_durable();
  return asked_us;
}

void Journal::note(const Wish& wish, std::int64_t asked_us, int status, std::int64_t booking) {
  append(line_of("told", asked_us, now_us(), wish.key, status, booking));
}

void Journal::note_cancel(std::int64_t booking, std::int64_t asked_us, int status) {
  append(line_of("told-cancel", asked_us, now_us(), booking, status));
}

void Journal::note_probe(std::int64_t event, std::int64_t asked_us, int status) {
  append(line_of("told-probe", asked_us, now_us(), event, status));
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
