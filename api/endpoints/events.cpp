#include "api/endpoints/events.h"

#include "api/endpoints/problem_of.h"
#include "api/http/etag.h"
#include "extension/rules/errors.h"
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

EventPosition position_in(const HttpCall& call, FieldErrors& errors) {
  const auto numbers = call.after(2, errors);
  if (!numbers) return {};
  const TimeUs start{std::chrono::microseconds((*numbers)[0])};
  if (start >= TimeUs(date::sys_days(date::year(10000) / 1 / 1))) {
    errors.add("after", "must come from the Link header of the page before");
    return {};
  }
  return {format_rfc3339(start), (*numbers)[1]};
}

}  // namespace

void EventEndpoints::get_events(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t limit = call.limit(50, errors);
  const bool upcoming_only = call.flag("upcoming_only", true, errors);
  const EventPosition after = position_in(call, errors);
  errors.refuse_if_any();

  const auto page = events.page({limit, upcoming_only, after.start_at, after.id});
  if (page->next) call.link_next(*page->next);
  call.set_header("Cache-Control", cache_control);
  call.answer(200, page->body, json_content_type);
}

void EventEndpoints::get_event(HttpCall& call) const {
  FieldErrors errors;
  const std::int64_t event_id = call.path_id("event_id", errors);
  const std::optional<EtagList> wanted = call.etags("If-Match", errors);
  const std::optional<EtagList> known = call.etags("If-None-Match", errors);
  errors.refuse_if_any();

  const auto event = events.event(event_id);
  if (!event) throw Refused(problem_of(error_of(Refusal::event_not_found)));

  if (wanted && !includes_strongly(*wanted, event->etag)) {
    throw Refused(precondition_failed("The event has none of the versions in If-Match any more."));
  }
  call.set_header("ETag", event->etag);
  call.set_header("Cache-Control", cache_control);
  if (known && includes(*known, event->etag)) {
    call.answer_empty(304);
  } else {
    call.answer(200, event->body, json_content_type);
  }
}

}  // namespace evently
