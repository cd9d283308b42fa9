#include "api/etag.h"
#include "api/handlers.h"
#include "api/http_error.h"
#include "api/rfc3339.h"
#include "api/views.h"

namespace evently {
namespace {

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

  auto events = app.database.run(
      exchange.statement_ids(), OnLostConnection::run_once_more, [&](Session& session) {
        return list_events(session, upcoming_only, after.start_at, after.id, limit + 1);
      });
  if (events.size() > static_cast<std::size_t>(limit)) {
    events.pop_back();
    const TimeUs start = parse_rfc3339(events.back().start_at).value();
    exchange.link_next({start.time_since_epoch().count(), events.back().id});
  }
  exchange.answer(200, array_json(events, event_json));
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

  const auto event =
      app.database.run(exchange.statement_ids(), OnLostConnection::run_once_more,
                       [&](Session& session) { return find_event(session, event_id); });
  if (!event) throw Refused(problem_of(error_of(Refusal::event_not_found)));

  const std::string etag = event_etag(event->details_version, event->version);
  exchange.set_header("ETag", etag);
  exchange.set_header("Cache-Control", "no-cache");  // may be kept, must be asked about
  if (known && includes(*known, etag)) {
    exchange.answer_empty(304);
  } else {
    exchange.answer(200, event_json(*event));
  }
}

}  // namespace evently
