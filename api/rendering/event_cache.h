#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "api/booking/changes.h"
#include "api/database/database.h"
#include "api/rendering/fresh_cache.h"

namespace evently {

// Which page of the list of events, as list_events takes it.
struct EventListing {
  std::int64_t limit;
  bool upcoming_only;
  std::optional<std::string> after_start_at;
  std::int64_t after_id;

  friend bool operator<(const EventListing& a, const EventListing& b) {
    return std::tie(a.limit, a.upcoming_only, a.after_start_at, a.after_id) <
           std::tie(b.limit, b.upcoming_only, b.after_start_at, b.after_id);
  }
};

struct EventAnswer {
  std::string etag;
  std::string body;
};

struct EventPage {
  std::string body;
  std::optional<std::vector<std::int64_t>> next;  // position of the page after
};

// The public reads of events, so that a popular event costs some queries a second and not one a
// request. What this service changes is seen in its next answer, others' changes when the kept
// answer is no longer fresh. Thread-safe.
class EventCache : public ChangeListener {
 public:
  EventCache(Database& database, Workers& workers, std::chrono::milliseconds queue_budget);

  // Null when there is no such event.
  std::shared_ptr<const EventAnswer> event(std::int64_t event_id) { return events_.get(event_id); }
  std::shared_ptr<const EventPage> page(const EventListing& listing) { return pages_.get(listing); }

  void changed(std::int64_t event_id, Change change) override;
  void many_changed() override;

 private:
  FreshCache<std::int64_t, EventAnswer> events_;
  FreshCache<EventListing, EventPage> pages_;
};

}  // namespace evently
