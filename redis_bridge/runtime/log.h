#pragma once

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "redis_bridge/runtime/environment.h"

namespace evently {

enum class Level { debug, info, warning, error };

// Logs go to stdout, one JSON object a line. The level comes from EVENTLY_LOG_LEVEL; before
// start_log nothing is written.
void start_log(const std::string& program);

void log(Level level, std::string_view message,
         const nlohmann::json& fields = nlohmann::json::object());

// False for levels that would be dropped: spares the caller from building the fields.
bool log_enabled(Level level);

// Records a fault when EVENTLY_LOG_LEVEL is none of debug, info, warning, error.
void check_log_level(Environment& environment);

namespace detail {

std::optional<Level> parse_level(std::string_view name);
std::string log_line(std::chrono::system_clock::time_point now, Level level,
                     std::string_view program, std::string_view message,
                     const nlohmann::json& fields);

}  // namespace detail
}  // namespace evently
