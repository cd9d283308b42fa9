#pragma once

#include <vector>

#include "api/access/gate.h"
#include "api/endpoints/endpoints.h"
#include "api/http/router.h"

namespace evently {

struct Route {
  const char* method;
  const char* path;
  Access access;
  bool takes_body;
  void (*handle)(const Endpoints&, HttpCall&);
};

const std::vector<Route>& routes();

std::vector<Router::Template> route_templates();

}  // namespace evently
