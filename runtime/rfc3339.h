#pragma once

#include <date/date.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace evently {

using TimeUs = date::sys_time<std::chrono::microseconds>;

// "2030-05-01T19:30:00+02:00": the offset is required, digits beyond microseconds are dropped, the
// time must lie in [1970, 10000) UTC, which is what the database takes.
std::optional<TimeUs> parse_rfc3339(std::string_view text);

std::string format_rfc3339(TimeUs time);

// PostgreSQL's ISO text of a timestamptz, in a session whose TimeZone is UTC, as RFC 3339.
std::string rfc3339_of_timestamptz(std::string_view text);

}  // namespace evently
