#include "redis_bridge/runtime/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <ctime>
#include <memory>

namespace evently {
namespace {

constexpr const char* level_variable = "EVENTLY_LOG_LEVEL";

// Set once by start_log, before any other thread exists; spdlog itself locks each line.
std::shared_ptr<spdlog::logger> logger;  // NOLINT: one per process by design
std::string program_name;

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

const char* level_name(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warning:
      return "warning";
    case Level::error:
      return "error";
  }
  return "info";
}

std::string rfc3339_ms(std::chrono::system_clock::time_point now) {
  const auto since_epoch_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = static_cast<std::time_t>(since_epoch_ms / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  char text[48];
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(since_epoch_ms % 1000));
  return text;
}

}  // namespace

namespace detail {

std::optional<Level> parse_level(std::string_view name) {
  for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
    if (name == level_name(level)) return level;
  }
  return std::nullopt;
}

std::string log_line(std::chrono::system_clock::time_point now, Level level,
                     std::string_view program, std::string_view message,
                     const nlohmann::json& fields) {
  nlohmann::ordered_json line;
  line["ts"] = rfc3339_ms(now);
  line["level"] = level_name(level);
  line["program"] = program;
  line["message"] = message;
  for (const auto& [key, value] : fields.items()) line.emplace(key, value);
  // Replacing keeps a line with bad UTF-8 from a client from throwing in the logger.
  return line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace detail

void start_log(const std::string& program) {
  const Level level =
      detail::parse_level(Environment().text(level_variable, "info")).value_or(Level::info);
  program_name = program;
  logger =
      std::make_shared<spdlog::logger>(program, std::make_shared<spdlog::sinks::stdout_sink_mt>());
  // The line is a finished JSON object: a pattern would not escape what it inserts.
  logger->set_pattern("%v");
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::debug);
}

void log(Level level, std::string_view message, const nlohmann::json& fields) {
  if (!log_enabled(level)) return;
  const std::string line =
      detail::log_line(std::chrono::system_clock::now(), level, program_name, message, fields);
  logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

bool log_enabled(Level level) {
  return logger && logger->should_log(spdlog_level(level));
}

void check_log_level(Environment& environment) {
  const std::string name = environment.text(level_variable, "info");
  if (!detail::parse_level(name)) {
    environment.fault(level_variable, "must be debug, info, warning or error, not '" + name + "'");
  }
}

}  // namespace evently
