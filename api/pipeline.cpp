#include "api/pipeline.h"

#include <algorithm>
#include <chrono>

#include "api/database/database_error.h"
#include "api/database/statement_trace.h"
#include "api/endpoints/problem_of.h"
#include "api/http/access_log.h"
#include "api/http/guards.h"
#include "api/http/request_id.h"
#include "api/http/trace_parent.h"
#include "runtime/log.h"

namespace evently {
namespace {

// Null: no such path, or not with this method.
const Route* route_of(const RequestContext& context) {
  return context.match.route ? &routes()[*context.match.route] : nullptr;
}

// The server's DETAIL line may hold a client's values, which the log must not.
std::string without_detail(std::string message) {
  const std::size_t detail = message.find("\nDETAIL:");
  if (detail != std::string::npos) message.erase(detail);
  return message;
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

// The path that a proxy has cut off, with or without a slash at its end.
std::string prefix_of(std::string given) {
  if (given.ends_with('/')) given.pop_back();
  return given.size() <= path_bytes_max && is_plain_path(given) ? given : "";
}

// page=2 must not answer page one.
void refuse_unknown_query(const HttpCall& call, const QueryNames& known) {
  FieldErrors errors;
  for (const auto& [name, value] : call.request().target.query) {
    const bool is_known = !name.empty() && std::ranges::find(known, name) != known.end();
    if (!is_known) errors.add_unknown(name, "is no parameter of this path");
  }
  errors.refuse_if_any();
}

void answer_failure(HttpCall& call, const std::exception& error) {
  const Problem problem = problem_of(error);
  if (problem.status == 500) {
    log(Level::error, "request failed",
        {{"request_id", call.context().request_id},
         {"statement_ids", call.context().statement_ids},
         {"sqlstate", database_error_of(error).sqlstate},
         {"error", without_detail(error.what())}});
  }
  call.answer(problem);
}

}  // namespace

Pipeline::Pipeline(const PipelineSettings& settings, Gate& gate, const Endpoints& endpoints,
                   Metrics& metrics)
    : body_bytes_max_(settings.body_bytes_max),
      cors_(settings.cors_origins, settings.cors_headers),
      router_(route_templates()),
      gate_(gate),
      endpoints_(endpoints),
      metrics_(metrics) {}

void Pipeline::begin(HttpCall& call) {
  RequestContext& context = call.context();
  context.request_id = request_id_of(call.request().head);
  context.trace_parent = trace_parent_of(call.request().head);
  context.client = gate_.client_of(call.peer(), call.header("X-Forwarded-For").value_or(""));
  const auto prefix = call.header("X-Forwarded-Prefix");
  if (prefix && gate_.trusts(call.peer())) context.prefix = prefix_of(*prefix);
  context.match = router_.match(call.method(), call.path());
  const Route* route = route_of(context);
  count_request(context, route == nullptr ? Access::anyone : route->access);
}

void Pipeline::count_request(RequestContext& context, Access access) {
  const std::optional<Quota> quota = gate_.count_request(context.client, access);
  if (!quota) return;
  context.standing_headers.emplace_back("RateLimit-Policy", quota->policy_field());
  context.standing_headers.emplace_back("RateLimit", quota->limit_field());
  if (quota->exceeded()) context.refusal = client_limit_reached(*quota);
}

std::optional<Problem> Pipeline::objection(const HttpCall& call, bool body_follows) {
  const RequestContext& context = call.context();
  // With a body it comes later: closing the connection would cost more than reading the body.
  if (context.refusal && !body_follows) return context.refusal;
  if (auto problem = check_head(call.request())) return problem;
  if (context.match.allow.empty()) return not_found();
  const Route* route = route_of(context);
  if (route == nullptr && call.method() != "OPTIONS") {
    return method_not_allowed(context.match.allow);
  }
  const bool takes_body = route != nullptr && route->takes_body;
  return check_body(call.request(), takes_body, body_bytes_max_);
}

void Pipeline::answer(HttpCall& call) {
  const StatementTrace trace(call.context().statement_ids, call.context().trace_parent.trace_id);
  try {
    serve(call);
  } catch (const std::exception& error) {
    answer_failure(call, error);
  } catch (...) {
    log(Level::error, "request failed",
        {{"request_id", call.context().request_id}, {"error", "something that is no exception"}});
    call.answer(internal_error());
  }
}

void Pipeline::serve(HttpCall& call) {
  const RequestContext& context = call.context();
  if (context.refusal) throw Refused(*context.refusal);
  const Route* route = route_of(context);
  if (route == nullptr) {  // OPTIONS
    call.set_header("Allow", context.match.allow);
    call.answer_empty(204);
    return;
  }
  if (route->access == Access::admin) require_admin(call);
  refuse_unknown_query(call, route->query);
  route->handle(endpoints_, call);
}

void Pipeline::require_admin(HttpCall& call) {
  const std::string key = call.header("X-Admin-Key").value_or("");
  const Gate::KeyAnswer answer = gate_.check_admin_key(call.context().client, key);
  if (answer.accepted) {
    call.context().admin_key_name = AdminKeys::name_of(key);
    return;
  }
  throw Refused(answer.exceeded ? guess_limit_reached(*answer.exceeded) : admin_key_required());
}

void Pipeline::complete(HttpCall& call) {
  const RequestContext& context = call.context();
  call.add_header("X-Request-Id", context.request_id);
  call.add_header("X-Content-Type-Options", "nosniff");
  if (!call.has_answer_header("Cache-Control")) call.add_header("Cache-Control", "no-store");
  for (const auto& [name, value] : context.standing_headers) call.add_header(name.c_str(), value);
  cors_.add_headers(call);
}

void Pipeline::record(const HttpCall& call) {
  const RequestContext& context = call.context();
  const auto duration = std::chrono::steady_clock::now() - context.started;
  const Route* route = route_of(context);
  // Any word may stand where a method belongs: no label for that.
  const std::string method = is_known_method(call.method()) ? call.method() : "none";
  metrics_.request(context.match.route, method, call.status(),
                   std::chrono::duration<double>(duration).count());
  log_request(call, method, route == nullptr ? "unmatched" : route->path, duration);
}

}  // namespace evently
