#include "api/rendering/event_cache.h"

#include "api/database/events.h"
#include "api/http/etag.h"
#include "api/rendering/json_views.h"
#include "runtime/rfc3339.h"

namespace evently {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds event_fresh{100};
constexpr milliseconds page_fresh{250};
constexpr std::size_t events_max = 4096;
constexpr std::size_t pages_max = 64;  // of up to 1,000 events each

std::shared_ptr<const EventAnswer> load_event(Database& database, std::int64_t event_id) {
  const auto event = database.run(OnLostConnection::run_once_more,
                                  [&](Session& session) { return find_event(session, event_id); });
  if (!event) return nullptr;
  return std::make_shared<EventAnswer>(EventAnswer{
      event_etag(event->details_version, event->version), json_text(event_json(*event))});
}

std::shared_ptr<const EventPage> load_page(Database& database, const EventListing& listing) {
  auto events = database.run(OnLostConnection::run_once_more, [&](Session& session) {
    return list_events(session, listing.upcoming_only, listing.after_start_at, listing.after_id,
                       listing.limit + 1);
  });
  EventPage page;
  if (events.size() > static_cast<std::size_t>(listing.limit)) {
    events.pop_back();
    const TimeUs start = parse_rfc3339(events.back().start_at).value();
    page.next = {{start.time_since_epoch().count(), events.back().id}};
  }
  page.body = json_text(array_json(events, event_json));
  return std::make_shared<EventPage>(std::move(page));
}

}  // namespace

EventCache::EventCache(Database& database, Workers& workers, milliseconds queue_budget)
    : events_({event_fresh, events_max, queue_budget}, workers,
              [&database](std::int64_t event_id) { return load_event(database, event_id); }),
      pages_({page_fresh, pages_max, queue_budget}, workers,
             [&database](const EventListing& listing) { return load_page(database, listing); }) {}

void EventCache::changed(std::int64_t event_id, Change change) {
  events_.forget(event_id);
  // Lists may show an event's seats a moment later.
  const bool seats_only = change == Change::seats_sold || change == Change::seats_came_back;
  if (!seats_only) pages_.forget_all();
}

void EventCache::many_changed() {
  events_.forget_all();
  pages_.forget_all();
}

}  // namespace evently
