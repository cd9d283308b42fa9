#pragma once

#include <vector>

#include "api/http/http_call.h"
#include "api/http/router.h"

namespace evently {

struct App;

enum class Access {
  anyone,
  admin,
  probe,  // anyone, and not counted by the limit on clients: whoever watches must not be locked out
};

struct Route {
  const char* method;
  const char* path;
  Access access;
  bool takes_body;
  void (*handle)(App&, HttpCall&);
};

const std::vector<Route>& routes();

std::vector<Router::Template> route_templates();

}  // namespace evently
