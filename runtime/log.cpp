#include "runtime/log.h"

#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <mutex>

#include "runtime/digits.h"

namespace evently {
namespace {

constexpr const char* level_variable = "EVENTLY_LOG_LEVEL";
constexpr std::array<std::string_view, 4> own_keys = {"ts", "level", "program", "message"};

// A write for each line costs more than the rest of the line. What is collected goes out when it is
// too much, when a line comes and the last write was a while ago, and with every flush; so a quiet
// program writes each line at once.
class CollectingStdout : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // Room for one more line of any size that we write, so that no line is cut in two.
  CollectingStdout() { std::setvbuf(stdout, nullptr, _IOFBF, 2 * collected_bytes_max); }

 private:
  static constexpr std::size_t collected_bytes_max = 65'536;
  static constexpr std::chrono::milliseconds between_writes{200};

  void sink_it_(const spdlog::details::log_msg& line) override {
    // Without spdlog's pattern: the line is a finished JSON object already.
    std::fwrite(line.payload.data(), 1, line.payload.size(), stdout);
    std::fputc('\n', stdout);
    collected_bytes_ += line.payload.size() + 1;
    if (collected_bytes_ >= collected_bytes_max || line.time - written_ >= between_writes) {
      written_ = line.time;
      flush_();
    }
  }

  void flush_() override {
    std::fflush(stdout);
    collected_bytes_ = 0;
  }

  std::size_t collected_bytes_ = 0;
  spdlog::log_clock::time_point written_;
};

// Set once by start_log, before any other thread exists; the sink locks each line.
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

// "2030-05-01T19:30:00." of the second that this thread wrote last: a second has many lines.
const std::string& up_to_the_second(std::time_t seconds) {
  thread_local std::time_t written = -1;
  thread_local std::string text;
  if (seconds != written) {
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
    written = seconds;
  }
  return text;
}

std::string rfc3339_ms(std::chrono::system_clock::time_point now) {
  const auto since_epoch_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  std::string text = up_to_the_second(static_cast<std::time_t>(since_epoch_ms / 1000));
  append_three_digits(text, since_epoch_ms % 1000);
  return text += 'Z';
}

JsonText line_begun(std::chrono::system_clock::time_point now, Level level,
                    std::string_view program, std::string_view message) {
  JsonText line;
  line.text("ts", rfc3339_ms(now))
      .text("level", level_name(level))
      .text("program", program)
      .text("message", message);
  return line;
}

// A field that bears the name of a key of ours is left out.
void add_fields(JsonText& line, const nlohmann::json& fields) {
  for (const auto& [key, value] : fields.items()) {
    if (std::find(own_keys.begin(), own_keys.end(), key) != own_keys.end()) continue;
    // Replacing keeps a line with bad UTF-8 from a client from throwing in the logger.
    line.json(key, value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
}

// A signal is for the thread that waits for signals, which does not exist yet.
void flush_every_second() {
  sigset_t all, previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  spdlog::flush_every(std::chrono::seconds(1));
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
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
  JsonText line = line_begun(now, level, program, message);
  add_fields(line, fields);
  return line.finish();
}

}  // namespace detail

void start_log(const std::string& program) {
  const Level level =
      detail::parse_level(Environment().text(level_variable, "info")).value_or(Level::info);
  program_name = program;
  logger = std::make_shared<spdlog::logger>(program, std::make_shared<CollectingStdout>());
  logger->set_level(spdlog_level(level));
  logger->flush_on(spdlog::level::warn);
  spdlog::register_logger(logger);
  flush_every_second();
}

void log(Level level, std::string_view message, const nlohmann::json& fields) {
  if (!log_enabled(level)) return;
  JsonText line = start_line(level, message);
  add_fields(line, fields);
  end_line(level, line);
}

JsonText start_line(Level level, std::string_view message) {
  return line_begun(std::chrono::system_clock::now(), level, program_name, message);
}

void end_line(Level level, JsonText& line) {
  if (!log_enabled(level)) return;
  const std::string text = line.finish();
  logger->log(spdlog_level(level), spdlog::string_view_t(text.data(), text.size()));
}

bool log_enabled(Level level) {
  return logger && logger->should_log(spdlog_level(level));
}

void check_log_level(Environment& environment) {
  const std::string name = environment.text(level_variable, "info");
  if (!detail::parse_level(name)) {
    environment.add_error(level_variable,
                          "must be debug, info, warning or error, not '" + name + "'");
  }
}

}  // namespace evently
