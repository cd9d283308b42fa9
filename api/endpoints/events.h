#pragma once

#include "api/http/http_call.h"
#include "api/rendering/event_cache.h"

namespace evently {

// What anyone may read of events.
struct EventEndpoints {
  EventCache& events;

  void get_events(HttpCall& call) const;
  void get_event(HttpCall& call) const;
};

}  // namespace evently
