#pragma once

#include <sys/types.h>

#include <string>

namespace evently {

// A setting of the running stack, as its env file exports it. Throws when it is missing.
std::string setting(const char* name);

// False in the run that repeats the REST tables with Redis stopped (see without_redis).
bool redis_runs();

// The parts of the stack: postgres, redis, bridge, api. Both wait until it is done, and throw when
// it fails.
void start_part(const std::string& part);
void stop_part(const std::string& part);

// The process of a running part; throws when there is none.
pid_t part_pid(const std::string& part);

// kill -9 of a part, and the wait until it is gone.
void kill_part(const std::string& part);

// Freezes a process with SIGSTOP while it stands.
class Frozen {
 public:
  explicit Frozen(pid_t pid);
  ~Frozen();
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

 private:
  pid_t pid_;
};

// Starts a part again at the end of a test, whatever became of it in between.
class PartRestored {
 public:
  explicit PartRestored(std::string part) : part_(std::move(part)) {}
  ~PartRestored();
  PartRestored(const PartRestored&) = delete;
  PartRestored& operator=(const PartRestored&) = delete;

 private:
  std::string part_;
};

// What a part has logged so far, from a position on.
std::string part_log(const std::string& part, std::size_t from_byte = 0);
std::size_t part_log_bytes(const std::string& part);

std::string read_file(const std::string& path, std::size_t from_byte = 0);

}  // namespace evently
