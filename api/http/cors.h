#pragma once

#include <string>
#include <utility>
#include <vector>

#include "api/http/http_call.h"

namespace evently {

// Which pages of other origins may read answers, as browsers ask it.
class Cors {
 public:
  // "*" is any origin; without origins no header is sent.
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  void add_headers(HttpCall& call) const;

 private:
  bool allows(const std::string& origin) const;

  const std::vector<std::string> origins_;
};

}  // namespace evently
