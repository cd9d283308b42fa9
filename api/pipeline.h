#pragma once

#include <httplib.h>

#include "api/endpoints/endpoints.h"
#include "api/http/router.h"
#include "api/http/server.h"
#include "api/routes.h"

namespace evently {

// What happens to every request, whatever its path: id, guards, route, access, handler, errors,
// CORS, log and metrics. Outlives the server that it is installed in.
class Pipeline {
 public:
  explicit Pipeline(App& app) : app_(app), router_(route_templates()) {}
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void install(HttpServer& server);

 private:
  using Verdict = httplib::Server::HandlerResponse;

  Verdict before_body(const httplib::Request& request, httplib::Response& response);
  void run_handler(const httplib::Request& request, httplib::Response& response);
  void require_admin(const HttpCall& call, const RequestContext& context);
  void answer_for_library(const httplib::Request& request, httplib::Response& response);
  int answer_expectation(const httplib::Request& request, httplib::Response& response);
  void complete_headers(const httplib::Request& request, httplib::Response& response);
  void record(const httplib::Request& request, const httplib::Response& response);

  void identify(const httplib::Request& request, RequestContext& context);
  std::optional<Problem> objection(const httplib::Request& request, RequestContext& context);
  void add_cors_headers(const httplib::Request& request, httplib::Response& response,
                        const RequestContext& context);

  App& app_;
  const Router router_;
};

}  // namespace evently
