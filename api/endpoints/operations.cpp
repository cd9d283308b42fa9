#include "api/endpoints/endpoints.h"
#include "api/endpoints/problem_of.h"
#include "api/http/assets.h"

namespace evently {
namespace {

void answer_document(const char* name, Exchange& exchange) {
  const Document* document = find_document(name);
  if (document == nullptr) throw Refused(not_found());
  exchange.set_header("ETag", document->etag);
  exchange.set_header("Cache-Control", "no-cache");
  exchange.set_header("Content-Security-Policy", docs_security_policy);
  exchange.set_header("Referrer-Policy", "no-referrer");
  if (document->gzipped) exchange.set_header("Content-Encoding", "gzip");
  const auto if_none_match = exchange.header("If-None-Match");
  if (if_none_match && if_none_match->find(document->etag) != std::string::npos) {
    exchange.answer_empty(304);
  } else {
    exchange.answer(200, std::string(document->bytes), document->content_type);
  }
}

}  // namespace

void get_health(App&, Exchange& exchange) {
  exchange.answer(200, {{"status", "ok"}});
}

void get_ready(App& app, Exchange& exchange) {
  const char* redis = "not configured";
  if (app.tokens != nullptr) redis = app.tokens->reachable() ? "ok" : "unavailable";
  try {
    app.database.run(exchange.statement_ids(), OnLostConnection::run_once_more, ping);
  } catch (const std::exception& error) {
    Problem problem = problem_of(error);
    if (problem.status == 503) {
      problem.detail = std::string("The database did not answer. Redis: ") + redis + '.';
    }
    throw Refused(std::move(problem));
  }
  // Without Redis bookings go on, slower: that is ready.
  exchange.answer(200, {{"status", "ready"}, {"database", "ok"}, {"redis", redis}});
}

void get_metrics(App& app, Exchange& exchange) {
  app.metrics.batches().show_queue(app.bookings.queued());
  exchange.answer(200,
                  app.metrics.text({app.database.connections_in_use(),
                                    app.database.connections_max(), app.tokens}),
                  "text/plain; version=0.0.4; charset=utf-8");
}

void get_openapi(App&, Exchange& exchange) {
  answer_document("openapi.json", exchange);
}

void get_docs(App&, Exchange& exchange) {
  answer_document("index.html", exchange);
}

void get_docs_file(App&, Exchange& exchange) {
  answer_document(exchange.context().match.parameters.at(0).c_str(), exchange);
}

}  // namespace evently
