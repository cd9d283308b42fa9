#include "api/endpoints/operations.h"

#include "api/database/reports.h"
#include "api/endpoints/problem_of.h"
#include "api/http/assets.h"
#include "api/http/content_coding.h"

namespace evently {
namespace {

void answer_asset(const char* name, HttpCall& call) {
  const Asset* asset = find_asset(name);
  if (asset == nullptr) throw Refused(not_found());
  FieldErrors errors;
  const std::optional<EtagList> known = call.etags("If-None-Match", errors);
  errors.refuse_if_any();

  const bool gzipped =
      !asset->gzipped.empty() && accepts_gzip(call.header("Accept-Encoding").value_or(""));
  const std::string etag = std::string(asset->etag) + (gzipped ? "-gzip\"" : "\"");
  call.set_header("ETag", etag);
  call.set_header("Cache-Control", "no-cache");
  call.set_header("Vary", "Accept-Encoding");
  call.set_header("Content-Security-Policy", docs_security_policy);
  call.set_header("Referrer-Policy", "no-referrer");
  if (known && includes(*known, etag)) {
    call.answer_empty(304);
    return;
  }
  if (gzipped) call.set_header("Content-Encoding", "gzip");
  call.answer(200, std::string(gzipped ? asset->gzipped : asset->bytes), asset->content_type);
}

}  // namespace

void OperationsEndpoints::get_health(HttpCall& call) const {
  call.answer(200, {{"status", "ok"}});
}

void OperationsEndpoints::get_ready(HttpCall& call) const {
  const char* redis = "not configured";
  if (seat_tokens != nullptr) {
    redis = workers.run([&] { return seat_tokens->reachable(); }) ? "ok" : "unavailable";
  }
  try {
    database.run(OnLostConnection::run_once_more, ping);
  } catch (const std::exception& error) {
    Problem problem = problem_of(error);
    if (problem.status == 503) {
      problem.detail = std::string("The database did not answer. Redis: ") + redis + '.';
    }
    throw Refused(std::move(problem));
  }
  // Without Redis bookings go on, slower: that is ready.
  call.answer(200, {{"status", "ready"}, {"database", "ok"}, {"redis", redis}});
}

void OperationsEndpoints::get_metrics(HttpCall& call) const {
  metrics.batches().show_queue(bookings.queued());
  std::string text = workers.run([&] {
    return metrics.text({database.connections_in_use(), database.connections_max(),
                         connections.open, connections.turned_away, seat_tokens});
  });
  call.answer(200, std::move(text), "text/plain; version=0.0.4; charset=utf-8");
}

void OperationsEndpoints::get_openapi(HttpCall& call) const {
  answer_asset("openapi.json", call);
}

void OperationsEndpoints::get_docs(HttpCall& call) const {
  answer_asset("index.html", call);
}

void OperationsEndpoints::get_docs_file(HttpCall& call) const {
  answer_asset(call.context().match.parameters.at(0).c_str(), call);
}

}  // namespace evently
