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
  // `headers` are those of a request that such a page may set.
  Cors(std::vector<std::string> origins, std::string headers)
      : origins_(std::move(origins)), headers_(std::move(headers)) {}

  void add_headers(HttpCall& call) const;

 private:
  bool allows(const std::string& origin) const;

  const std::vector<std::string> origins_;
  const std::string headers_;
};

}  // namespace evently
