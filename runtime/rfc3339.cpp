#include "runtime/rfc3339.h"

#include <stdexcept>

namespace evently {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Walks over the text; the first thing that does not fit ends it for good.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
      if (rest_.empty() || !is_digit(rest_.front())) return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return value;
  }

  // The character that stands next, when it is one of the choices.
  char one_of(std::string_view choices) {
    if (rest_.empty() || choices.find(rest_.front()) == std::string_view::npos) {
      fail();
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  int fraction_us() {
    if (rest_.empty() || rest_.front() != '.') return 0;
    rest_.remove_prefix(1);
    int value_us = digits(1) * 100'000;
    for (int weight = 10'000; !rest_.empty() && is_digit(rest_.front()); weight /= 10) {
      value_us += (rest_.front() - '0') * weight;
      rest_.remove_prefix(1);
    }
    return value_us;
  }

  bool at_end() const { return !failed_ && rest_.empty(); }

 private:
  int fail() {
    failed_ = true;
    rest_ = {};
    return 0;
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace

std::optional<TimeUs> parse_rfc3339(std::string_view text) {
  using std::chrono::hours;
  using std::chrono::microseconds;
  using std::chrono::minutes;
  using std::chrono::seconds;

  Scanner scanner(text);
  const int year = scanner.digits(4);
  scanner.one_of("-");
  const int month = scanner.digits(2);
  scanner.one_of("-");
  const int day = scanner.digits(2);
  scanner.one_of("Tt ");
  const int hour = scanner.digits(2);
  scanner.one_of(":");
  const int minute = scanner.digits(2);
  scanner.one_of(":");
  const int second = scanner.digits(2);
  const int fraction_us = scanner.fraction_us();
  minutes offset{0};
  const char sign = scanner.one_of("Zz+-");
  if (sign == '+' || sign == '-') {
    const int offset_hours = scanner.digits(2);
    scanner.one_of(":");
    const int offset_minutes = scanner.digits(2);
    if (offset_hours > 23 || offset_minutes > 59) return std::nullopt;
    offset = hours(offset_hours) + minutes(offset_minutes);
    if (sign == '-') offset = -offset;
  }
  if (!scanner.at_end() || hour > 23 || minute > 59 || second > 59) return std::nullopt;

  const date::year_month_day day_of_year{date::year(year), date::month(unsigned(month)),
                                         date::day(unsigned(day))};
  if (!day_of_year.ok()) return std::nullopt;
  const TimeUs time = date::sys_days(day_of_year) + hours(hour) + minutes(minute) +
                      seconds(second) + microseconds(fraction_us) - offset;
  const TimeUs first = date::sys_days(date::year(1970) / 1 / 1);
  const TimeUs end = date::sys_days(date::year(10000) / 1 / 1);
  if (time < first || time >= end) return std::nullopt;
  return time;
}

std::string format_rfc3339(TimeUs time) {
  return date::format("%FT%TZ", time);
}

std::string rfc3339_of_timestamptz(std::string_view text) {
  // "2030-05-01 17:30:00.25+00"
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos || text.size() < 3 || text.substr(text.size() - 3) != "+00") {
    throw std::runtime_error("the database session does not write ISO times in UTC");
  }
  std::string time(text.substr(0, text.size() - 3));
  time[blank] = 'T';
  return time + 'Z';
}

}  // namespace evently
