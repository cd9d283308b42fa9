#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/environment.h"
#include "runtime/json_text.h"

namespace evently {

enum class Level { debug, info, warning, error };

// Logs go to stdout, one JSON object a line. The level comes from EVENTLY_LOG_LEVEL; before
// start_log nothing is written. Under load lines are collected and written many at once: all of
// them are out after a second, and when the program ends by itself; warnings and errors at once.
void start_log(const std::string& program);

void log(Level level, std::string_view message,
         const nlohmann::json& fields = nlohmann::json::object());

// False for levels that would be dropped: spares the caller from building the fields.
bool log_enabled(Level level);

// The same in two steps, for lines that come with every request: fields are added in between.
JsonText start_line(Level level, std::string_view message);
void end_line(Level level, JsonText& line);

// Records an error when EVENTLY_LOG_LEVEL is none of debug, info, warning, error.
void check_log_level(Environment& environment);

namespace detail {

std::optional<Level> parse_level(std::string_view name);
std::string log_line(std::chrono::system_clock::time_point now, Level level,
                     std::string_view program, std::string_view message,
                     const nlohmann::json& fields);

}  // namespace detail
}  // namespace evently
