#include "api/pipeline.h"

#include <algorithm>
#include <chrono>

#include "api/database/database_error.h"
#include "api/endpoints/problem_of.h"
#include "api/http/guards.h"
#include "api/http/problem.h"
#include "api/routes.h"
#include "runtime/log.h"
#include "runtime/random_id.h"

namespace evently {
namespace {

constexpr std::size_t request_id_bytes_max = 64;
constexpr const char* cors_max_age_s = "600";
constexpr const char* library_path = "/";  // what the library sees of any path, for ours is matched

bool is_request_id(const std::string& id) {
  return !id.empty() && id.size() <= request_id_bytes_max &&
         std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

// The server's DETAIL line may hold a client's values, which the log must not.
std::string without_detail(std::string message) {
  const std::size_t detail = message.find("\nDETAIL:");
  if (detail != std::string::npos) message.erase(detail);
  return message;
}

bool over_limit(const RequestContext& context) {
  return context.quota && context.quota->exceeded();
}

Problem client_limit_reached(const Quota& quota) {
  return too_many_requests("Your address sends more requests than are served. Slow down.",
                           quota.window_s());
}

Problem guess_limit_reached(const Quota& quota) {
  Problem problem = too_many_requests(
      "Too many wrong admin keys came from your address; for a while none is looked at.",
      quota.window_s());
  problem.headers.emplace_back("RateLimit-Policy", quota.policy_field());
  problem.headers.emplace_back("RateLimit", quota.limit_field());
  return problem;
}

}  // namespace

void Pipeline::install(HttpServer& server) {
  using httplib::Request;
  using httplib::Response;
  server.set_payload_max_length(app_.config.body_bytes_max);
  server.set_pre_routing_handler(
      [this](const Request& req, Response& res) { return before_body(req, res); });
  server.set_expect_100_continue_handler(
      [this](const Request& req, Response& res) { return answer_expectation(req, res); });
  // Whatever has a body comes back here once the body has been read.
  server.Post(library_path, [this](const Request& req, Response& res) { run_handler(req, res); });
  server.Put(library_path, [this](const Request& req, Response& res) { run_handler(req, res); });
  server.set_error_handler(
      httplib::Server::HandlerWithResponse([this](const Request& req, Response& res) {
        answer_for_library(req, res);
        return Verdict::Handled;  // so that the library adds Content-Length
      }));
  // Nothing should come here; if it does, the library's own words would leak.
  server.set_exception_handler([](const Request&, Response& res, std::exception_ptr) {
    RequestScope::current().answered = false;
    res = Response();
    res.status = 500;
  });
  server.set_post_routing_handler(
      [this](const Request& req, Response& res) { complete_headers(req, res); });
  server.set_logger([this](const Request& req, const Response& res) { record(req, res); });
}

void Pipeline::identify(const httplib::Request& request, RequestContext& context) {
  if (context.head) return;
  context.head.emplace(context.head_text);
  const std::string given = context.head->joined("X-Request-Id").value_or("");
  context.request_id = is_request_id(given) ? given : random_hex(16);
  context.path = request.target.substr(0, request.target.find('?'));
  context.client = app_.config.trusted_proxies.client_of(
      request.remote_addr, context.head->joined("X-Forwarded-For").value_or(""));
  // As it came: a decoded path would slip past the rules of a proxy that compares the raw one.
  context.match = router_.match(request.method, context.path);
  if (context.match.route) context.route = &routes()[*context.match.route];
  if (app_.limiter.limits_clients() &&
      (context.route == nullptr || context.route->access != Access::probe)) {
    context.quota = app_.limiter.take_request(context.client);
  }

  // The library would compress (at the highest, slowest level), would cut even a refusal into
  // ranges and would match the path with a regular expression, recursing for each of its bytes; it
  // has no other switch for any of it. The request it calls const is not.
  auto& mutable_request = const_cast<httplib::Request&>(request);
  mutable_request.headers.erase("Accept-Encoding");
  mutable_request.ranges.clear();
  mutable_request.path = library_path;
}

// What speaks against the request before any of its body has been read.
std::optional<Problem> Pipeline::objection(const httplib::Request& request,
                                           RequestContext& context) {
  if (auto problem = check_head(*context.head, request.target)) return problem;
  if (context.match.allow.empty()) return not_found();
  if (context.route == nullptr && request.method != "OPTIONS") {
    return method_not_allowed(context.match.allow);
  }
  const bool takes_body = context.route != nullptr && context.route->takes_body;
  return check_body(*context.head, request.method, takes_body, app_.config.body_bytes_max);
}

Pipeline::Verdict Pipeline::before_body(const httplib::Request& request,
                                        httplib::Response& response) {
  RequestContext& context = RequestScope::current();
  identify(request, context);
  HttpCall call(request, response, context);
  // With a body it comes later: closing the connection would cost more than reading the body.
  if (over_limit(context) && !may_have_body(*context.head)) {
    context.close_connection = !context.head->well_formed();
    call.answer(client_limit_reached(*context.quota));
    return Verdict::Handled;
  }
  if (const auto problem = objection(request, context)) {
    // What follows would be taken for the next request.
    context.close_connection = may_have_body(*context.head) || !context.head->well_formed();
    call.answer(*problem);
    return Verdict::Handled;
  }
  if (context.route == nullptr) {  // OPTIONS
    call.set_header("Allow", context.match.allow);
    call.answer_empty(204);
    return Verdict::Handled;
  }
  if (may_have_body(*context.head)) return Verdict::Unhandled;
  run_handler(request, response);
  return Verdict::Handled;
}

// Asked before the client sends its body: then a refusal spares it the trouble.
int Pipeline::answer_expectation(const httplib::Request& request, httplib::Response& response) {
  RequestContext& context = RequestScope::current();
  identify(request, context);
  auto problem = objection(request, context);
  if (!problem && over_limit(context)) problem = client_limit_reached(*context.quota);
  if (!problem) return 100;
  context.close_connection = true;
  HttpCall(request, response, context).answer(*problem);
  return problem->status;
}

void Pipeline::run_handler(const httplib::Request& request, httplib::Response& response) {
  RequestContext& context = RequestScope::current();
  HttpCall call(request, response, context);
  try {
    if (over_limit(context)) throw Refused(client_limit_reached(*context.quota));
    if (context.route->access == Access::admin) require_admin(call, context);
    context.route->handle(app_, call);
  } catch (const std::exception& error) {
    const Problem problem = problem_of(error);
    if (problem.status == 500) {
      log(Level::error, "request failed",
          {{"request_id", context.request_id},
           {"statement_ids", context.statement_ids},
           {"sqlstate", database_error_of(error).sqlstate},
           {"error", without_detail(error.what())}});
    }
    call.answer(problem);
  } catch (...) {
    log(Level::error, "request failed",
        {{"request_id", context.request_id}, {"error", "something that is no exception"}});
    call.answer(internal_error());
  }
}

void Pipeline::require_admin(const HttpCall& call, const RequestContext& context) {
  const std::string key = call.header("X-Admin-Key").value_or("");
  if (key.empty()) throw Refused(admin_key_required());  // no guess, so it costs none
  Quota quota = app_.limiter.may_show_key(context.client);
  if (!quota.exceeded()) {
    if (app_.admin_keys.accepts(key)) return;
    quota = app_.limiter.key_was_wrong(context.client);
  }
  throw Refused(quota.exceeded() ? guess_limit_reached(quota) : admin_key_required());
}

// The library gives up by itself on what it cannot parse or read; it knows a status and no more.
void Pipeline::answer_for_library(const httplib::Request& request, httplib::Response& response) {
  RequestContext& context = RequestScope::current();
  if (context.answered) return;
  identify(request, context);
  context.close_connection = true;
  Problem problem = invalid_request("The request is not well-formed HTTP.");
  if (context.head_too_large) {
    problem = header_too_large();
  } else if (context.too_slow) {
    problem = request_timeout();
  } else if (response.status == 413) {
    problem = payload_too_large(app_.config.body_bytes_max);
  } else if (response.status == 414) {
    problem = uri_too_long(path_bytes_max);
  } else if (response.status == 416) {
    problem = invalid_request("Ranges are not served: leave out Range.");
  } else if (response.status == 500) {
    problem = internal_error();
  }
  HttpCall(request, response, context).answer(problem);
}

void Pipeline::complete_headers(const httplib::Request& request, httplib::Response& response) {
  RequestContext& context = RequestScope::current();
  response.set_header("X-Request-Id", context.request_id);
  response.set_header("X-Content-Type-Options", "nosniff");
  if (!response.has_header("Cache-Control")) response.set_header("Cache-Control", "no-store");
  response.headers.erase("Accept-Ranges");
  if (response.status == 204 || response.status == 304) response.headers.erase("Content-Length");
  if (context.quota) {
    response.set_header("RateLimit-Policy", context.quota->policy_field());
    response.set_header("RateLimit", context.quota->limit_field());
  }
  if (context.close_connection) {
    response.headers.erase("Keep-Alive");
    response.headers.erase("Connection");
    response.set_header("Connection", "close");
  }
  add_cors_headers(request, response, context);
}

void Pipeline::add_cors_headers(const httplib::Request& request, httplib::Response& response,
                                const RequestContext& context) {
  const std::vector<std::string>& origins = app_.config.cors_origins;
  if (origins.empty()) return;
  response.set_header("Vary", "Origin");
  const std::string origin = context.head->joined("Origin").value_or("");
  const bool allowed =
      !origin.empty() && std::any_of(origins.begin(), origins.end(), [&](const std::string& known) {
        return known == "*" || known == origin;
      });
  if (!allowed) return;
  response.set_header("Access-Control-Allow-Origin", origin);
  response.set_header("Access-Control-Expose-Headers",
                      "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
                      "Retry-After, X-Request-Id");
  if (request.method != "OPTIONS") return;
  response.set_header("Access-Control-Allow-Methods", context.match.allow);
  response.set_header("Access-Control-Allow-Headers",
                      "Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Admin-Key, "
                      "X-Request-Id");
  response.set_header("Access-Control-Max-Age", cors_max_age_s);
}

void Pipeline::record(const httplib::Request& request, const httplib::Response& response) {
  const RequestContext& context = RequestScope::current();
  const auto duration = std::chrono::steady_clock::now() - context.started;
  const auto route = context.route == nullptr ? std::optional<std::size_t>() : context.match.route;
  // Where the request line was no good, the method may be anything: no label for that.
  const std::string method = context.path.empty() ? "none" : request.method;
  app_.metrics.request(route, method, response.status,
                       std::chrono::duration<double>(duration).count());
  if (!log_enabled(Level::info)) return;
  JsonText line = start_line(Level::info, "request");
  line.text("request_id", context.request_id)
      .text("method", method)
      .text("route", context.route == nullptr ? "unmatched" : context.route->path)
      .text("path", std::string_view(context.path).substr(0, path_bytes_max))
      .number("status", response.status)
      .thousandths("duration_ms",
                   std::chrono::duration_cast<std::chrono::microseconds>(duration).count())
      .number("bytes", static_cast<std::int64_t>(response.body.size()))
      .text("remote", context.client)
      .texts("statement_ids", context.statement_ids);
  if (!context.problem_code.empty()) line.text("code", context.problem_code);
  end_line(Level::info, line);
}

}  // namespace evently
