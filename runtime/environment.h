#pragma once

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace evently {

// Reads settings from the environment and collects every fault, so that all are reported at once.
class Environment {
 public:
  using Getter = std::function<const char*(const char*)>;

  explicit Environment(Getter getter = [](const char* name) { return std::getenv(name); });

  // An empty variable counts as unset, because `NAME= program` is how shells unset one in passing.
  std::string text(const char* name, std::string default_value);
  std::string required(const char* name);
  int integer(const char* name, int default_value, int min, int max);
  std::vector<std::string> list(const char* name);

  void fault(const char* name, const std::string& what);
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  Getter getter_;
  std::vector<std::string> faults_;
};

// Prints every fault to stderr and ends the process with status 2.
[[noreturn]] void exit_with_faults(const char* program, const Environment& environment);

}  // namespace evently
