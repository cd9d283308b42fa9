#pragma once

#include <cstdint>
#include <vector>

namespace evently {

// What this service has done to an event.
enum class Change { seats_sold, seats_came_back, event_made, event_changed };

// Keeps something that changes make void: seat hints, rendered answers. Called by many threads at
// once, on the thread that made the change, before any client hears of it.
class ChangeListener {
 public:
  virtual ~ChangeListener() = default;
  virtual void changed(std::int64_t event_id, Change change) = 0;
  // Any events, in any way: only the database knows which.
  virtual void many_changed() = 0;
};

// The feed of what this service changes. Subscribe all listeners, which must outlive it, before the
// first change.
class Changes {
 public:
  void subscribe(ChangeListener& listener) { listeners_.push_back(&listener); }

  // Listeners are told in the order in which they subscribed. Call it after the write-back.
  void tell(std::int64_t event_id, Change change) const;
  void tell_of_many() const;

 private:
  std::vector<ChangeListener*> listeners_;
};

}  // namespace evently
