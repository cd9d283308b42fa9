#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "api/access/gate.h"
#include "api/endpoints/endpoints.h"
#include "api/http/router.h"

namespace evently {

struct Route {
  std::string_view method;
  std::string_view path;
  Access access;
  bool takes_body;
  std::string_view query;  // the parameters it reads, with blanks between
  void (*handle)(const Endpoints&, HttpCall&);
};

// Each once; exactly those under /admin/ ask for the key, or it does not compile.
std::span<const Route> routes();

std::vector<Router::Template> route_templates();

}  // namespace evently
