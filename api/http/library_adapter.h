#pragma once

#include <cstddef>

#include "api/http/request_steps.h"
#include "api/http/server.h"

namespace evently {

// Makes cpp-httplib take the steps of a request when they are due, and keeps from it what it would
// do wrongly or slowly. All that bends the library is here. Outlives the serving of its server.
class LibraryAdapter {
 public:
  LibraryAdapter(RequestSteps& steps, std::size_t body_bytes_max)
      : steps_(steps), body_bytes_max_(body_bytes_max) {}
  LibraryAdapter(const LibraryAdapter&) = delete;
  LibraryAdapter& operator=(const LibraryAdapter&) = delete;

  void install(HttpServer& server);

 private:
  using Request = httplib::Request;
  using Response = httplib::Response;
  using Verdict = httplib::Server::HandlerResponse;

  void begin(const Request& request, HttpCall& call);
  Verdict before_body(const Request& request, Response& response);
  int answer_expectation(const Request& request, Response& response);
  void answer(const Request& request, Response& response);
  void answer_for_library(const Request& request, Response& response);
  void complete(const Request& request, Response& response);
  Problem problem_of_library(const RequestContext& context, int status) const;

  RequestSteps& steps_;
  const std::size_t body_bytes_max_;
};

}  // namespace evently
