#include "api/http/library_adapter.h"

#include "api/http/guards.h"

namespace evently {
namespace {

constexpr const char* library_path = "/";  // what the library sees of any path, for ours is matched

HttpCall call_of(const httplib::Request& request, httplib::Response& response) {
  return {request, response, RequestScope::current()};
}

// The library would compress (at the highest, slowest level), would cut even a refusal into ranges
// and would match the path with a regular expression, recursing for each of its bytes; it has no
// other switch for any of it. The request that it calls const is not.
void hide_from_library(const httplib::Request& request) {
  auto& mutable_request = const_cast<httplib::Request&>(request);
  mutable_request.headers.erase("Accept-Encoding");
  mutable_request.ranges.clear();
  mutable_request.path = library_path;
}

}  // namespace

void LibraryAdapter::install(HttpServer& server) {
  server.set_payload_max_length(body_bytes_max_);
  server.set_pre_routing_handler([this](const Request& request, Response& response) {
    return before_body(request, response);
  });
  server.set_expect_100_continue_handler([this](const Request& request, Response& response) {
    return answer_expectation(request, response);
  });
  // Whatever has a body comes back here once the body has been read.
  const auto with_body = [this](const Request& request, Response& response) {
    answer(request, response);
  };
  server.Post(library_path, with_body);
  server.Put(library_path, with_body);
  server.set_error_handler(
      httplib::Server::HandlerWithResponse([this](const Request& request, Response& response) {
        answer_for_library(request, response);
        return Verdict::Handled;  // so that the library adds Content-Length
      }));
  // Nothing should come here; if it does, the library's own words would leak.
  server.set_exception_handler([](const Request&, Response& response, std::exception_ptr) {
    RequestScope::current().answered = false;
    response = Response();
    response.status = 500;
  });
  server.set_post_routing_handler(
      [this](const Request& request, Response& response) { complete(request, response); });
  server.set_logger([this](const Request& request, const Response& response) {
    steps_.record(call_of(request, const_cast<Response&>(response)));
  });
}

// Which callback comes first depends on the request, and two may come.
void LibraryAdapter::begin(const Request& request, HttpCall& call) {
  RequestContext& context = call.context();
  if (context.head) return;
  context.head.emplace(context.head_text);
  steps_.begin(call);
  hide_from_library(request);
}

LibraryAdapter::Verdict LibraryAdapter::before_body(const Request& request, Response& response) {
  HttpCall call = call_of(request, response);
  begin(request, call);
  const RequestHead& head = *call.context().head;
  const bool body_follows = may_have_body(head);
  if (const auto problem = steps_.objection(call, body_follows)) {
    // What follows would be taken for the next request.
    call.context().close_connection = body_follows || !head.well_formed();
    call.answer(*problem);
    return Verdict::Handled;
  }
  if (body_follows) return Verdict::Unhandled;
  steps_.answer(call);
  return Verdict::Handled;
}

// The client waits for a word before it sends its body: a refusal spares it the trouble.
int LibraryAdapter::answer_expectation(const Request& request, Response& response) {
  HttpCall call = call_of(request, response);
  begin(request, call);
  const auto problem = steps_.objection(call, false);
  if (!problem) return 100;
  call.context().close_connection = true;
  call.answer(*problem);
  return problem->status;
}

void LibraryAdapter::answer(const Request& request, Response& response) {
  HttpCall call = call_of(request, response);
  steps_.answer(call);
}

// The library gives up by itself on what it cannot parse or read; it knows a status and no more.
void LibraryAdapter::answer_for_library(const Request& request, Response& response) {
  HttpCall call = call_of(request, response);
  if (call.context().answered) return;
  begin(request, call);
  call.context().close_connection = true;
  call.answer(problem_of_library(call.context(), response.status));
}

Problem LibraryAdapter::problem_of_library(const RequestContext& context, int status) const {
  if (context.head_too_large) return header_too_large();
  if (context.too_slow) return request_timeout();
  switch (status) {
    case 413:
      return payload_too_large(body_bytes_max_);
    case 414:
      return uri_too_long(path_bytes_max);
    case 416:
      return invalid_request("Ranges are not served: leave out Range.");
    case 500:
      return internal_error();
    default:
      return invalid_request("The request is not well-formed HTTP.");
  }
}

void LibraryAdapter::complete(const Request& request, Response& response) {
  HttpCall call = call_of(request, response);
  steps_.complete(call);
  response.headers.erase("Accept-Ranges");
  if (response.status == 204 || response.status == 304) response.headers.erase("Content-Length");
  if (call.context().close_connection) {
    response.headers.erase("Keep-Alive");
    call.set_header("Connection", "close");
  }
}

}  // namespace evently
