#pragma once

#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

namespace evently {

using ConfigErrors = std::vector<std::string>;  // each begins with the name of a variable

// Reads settings from the environment and collects every error, so that all are reported at once.
class Environment {
 public:
  using Getter = std::function<const char*(const char*)>;

  explicit Environment(Getter getter = [](const char* name) { return std::getenv(name); });

  // An empty variable counts as unset, because `NAME= program` is how shells unset one in passing.
  std::string text(const char* name, std::string default_value);
  std::string required(const char* name);
  int integer(const char* name, int default_value, int min, int max);
  // "on" or "off".
  bool flag(const char* name, bool default_value);
  std::vector<std::string> list(const char* name);

  void add_error(const char* name, const std::string& what);
  const ConfigErrors& errors() const { return errors_; }

 private:
  Getter getter_;
  ConfigErrors errors_;
};

// Prints every error to stderr and ends the process with status 2.
[[noreturn]] void exit_with_errors(const char* program, const ConfigErrors& errors);

}  // namespace evently
