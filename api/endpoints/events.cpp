#include "api/endpoints/endpoints.h"
#include "api/endpoints/problem_of.h"
#include "api/http/etag.h"
#include "runtime/rfc3339.h"

namespace evently {
namespace {

// A shared cache may answer a crowd for a second; a client's own asks again each time, so that it
// sees what it has just done.
constexpr const char* cache_control = "public, max-age=0, s-maxage=1";

// Where a page of events ended: its start, as the database writes it, and its id.
struct EventPosition {
  std::optional<std::string> start_at;
  std::int64_t id = 0;
};

EventPosition position_in(const Exchange& exchange, Faults& faults) {
  const auto numbers = exchange.after(2, faults);
  if (!numbers) return {};
  const TimeUs start{std::chrono::microseconds((*numbers)[0])};
  if (start >= TimeUs(date::sys_days(date::year(10000) / 1 / 1))) {
    faults.add("after", "must come from the Link header of the page before");
    return {};
  }
  return {format_rfc3339(start), (*numbers)[1]};
}

}  // namespace

void get_events(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t limit = exchange.limit(50, faults);
  const bool upcoming_only = exchange.flag("upcoming_only", true, faults);
  const EventPosition after = position_in(exchange, faults);
  faults.refuse_if_any();

  const auto page =
      app.events.page({limit, upcoming_only, after.start_at, after.id}, exchange.statement_ids());
  if (page->next) exchange.link_next(*page->next);
  exchange.set_header("Cache-Control", cache_control);
  exchange.answer(200, page->body, json_content_type);
}

void get_event(App& app, Exchange& exchange) {
  Faults faults;
  const std::int64_t event_id = exchange.path_id("event_id", faults);
  std::optional<EtagList> known;
  if (const auto if_none_match = exchange.header("If-None-Match")) {
    known = parse_etags(*if_none_match);
    if (!known) faults.add("If-None-Match", "must be * or a list of entity tags");
  }
  faults.refuse_if_any();

  const auto event = app.events.event(event_id, exchange.statement_ids());
  if (!event) throw Refused(problem_of(error_of(Refusal::event_not_found)));

  exchange.set_header("ETag", event->etag);
  exchange.set_header("Cache-Control", cache_control);
  if (known && includes(*known, event->etag)) {
    exchange.answer_empty(304);
  } else {
    exchange.answer(200, event->body, json_content_type);
  }
}

}  // namespace evently
