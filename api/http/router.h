#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// Finds the route of a request. Pure: knows templates such as "/events/{id}", nothing of handlers.
class Router {
 public:
  struct Template {
    std::string method;
    std::string path;
  };

  struct Match {
    std::optional<std::size_t> route;     // position of the template; HEAD finds that of GET
    std::vector<std::string> parameters;  // what stands for each {...}, in order
    std::string allow;                    // what the path answers; empty when it does not exist
  };

  explicit Router(const std::vector<Template>& templates);

  Match match(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    std::string method;
    std::vector<std::string> segments;
  };
  std::vector<Entry> entries_;
};

}  // namespace evently
