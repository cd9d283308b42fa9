#pragma once

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "api/access/gate.h"
#include "api/endpoints/endpoints.h"
#include "api/http/router.h"

namespace evently {

// The parameters that a path reads; empty names stand for none.
using QueryNames = std::array<std::string_view, 3>;

struct Route {
  std::string_view method;
  std::string_view path;
  Access access;
  bool takes_body;
  QueryNames query;
  void (*handle)(const Endpoints&, HttpCall&);
};

// Each once; exactly those under /admin/ ask for the key, or it does not compile.
std::span<const Route> routes();

std::vector<Router::Template> route_templates();

}  // namespace evently
