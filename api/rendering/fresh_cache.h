#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "api/database/batch_queue.h"

namespace evently {

// Keeps answers for a moment. Callers that miss the same key share one load, and what is forgotten
// while it is being loaded is not kept. Bounded and thread-safe.
template <class Key, class Value>
class FreshCache {
 public:
  using Clock = std::chrono::steady_clock;
  using Answer = std::shared_ptr<const Value>;
  // Null: there is nothing of that key, which is not kept.
  using Load = std::function<Answer(const Key&)>;
  struct Limits {
    std::chrono::milliseconds fresh;  // since before it was loaded
    std::size_t entries_max;
    std::chrono::milliseconds queue_budget;  // until the load of a caller begins
  };

  FreshCache(const Limits& limits, Workers& workers, Load load)
      : limits_(limits),
        load_(std::move(load)),
        loads_({callers_max, callers_max, limits.queue_budget}, workers,
               [this](const Key& key, const typename Loads::Batch& batch) { serve(key, batch); }) {}

  // Throws what the load throws, or Busy when it cannot begin in time.
  Answer get(const Key& key) {
    if (Answer kept = find(key)) return kept;
    Caller caller;
    loads_.run(key, caller);
    return caller.answer;
  }

  // Nothing that was read before this call is handed out after it.
  void forget(const Key& key) {
    const std::lock_guard lock(mutex_);
    make_room(key);
    entries_[key] = {nullptr, {}, Clock::now()};
  }
  void forget_all() {
    const std::lock_guard lock(mutex_);
    clear();
  }

 private:
  struct Entry {
    Answer answer;
    Clock::time_point fresh_until;
    Clock::time_point forgotten_at;
  };
  struct Caller : QueuedCall {
    Answer answer;
  };
  using Loads = BatchQueue<Key, Caller>;
  static constexpr std::size_t callers_max = 1'000'000;  // more than there are connections

  Answer find(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(key);
    if (entry == entries_.end() || Clock::now() >= entry->second.fresh_until) return nullptr;
    return entry->second.answer;
  }

  void serve(const Key& key, const typename Loads::Batch& batch) {
    // While these gathered the load before theirs may have come to its end.
    Answer answer = find(key);
    if (!answer) {
      const auto started = Clock::now();
      answer = load_(key);
      if (answer) keep(key, answer, started);
    }
    for (Caller* caller : batch.items) caller->answer = answer;
  }

  void keep(const Key& key, const Answer& answer, Clock::time_point started) {
    const std::lock_guard lock(mutex_);
    const auto known = entries_.find(key);
    if (started <= cleared_at_) return;
    if (known != entries_.end() && started <= known->second.forgotten_at) return;
    make_room(key);
    entries_[key] = {answer, started + limits_.fresh, {}};
  }

  // All go at once when there are too many: rare, and each costs one load to have again. When one
  // was forgotten goes with them, so loads that are under way are not kept either.
  void make_room(const Key& key) {
    if (entries_.size() >= limits_.entries_max && entries_.count(key) == 0) clear();
  }
  void clear() {
    entries_.clear();
    cleared_at_ = Clock::now();
  }

  const Limits limits_;
  const Load load_;
  std::mutex mutex_;  // guards entries_ and cleared_at_
  std::map<Key, Entry> entries_;
  Clock::time_point cleared_at_{};
  Loads loads_;
};

}  // namespace evently
