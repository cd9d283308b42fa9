#pragma once

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/wake_signal.h"

namespace evently {

struct CombinerLimits {
  std::size_t batch_max;
  std::size_t queue_max;                   // of one key
  std::chrono::milliseconds queue_budget;  // until a call's batch begins
};

// Turns calls for the same key into batches: while one batch is under way, the calls that come
// gather behind it. A call that finds no leader leads: it takes what has gathered, itself first,
// processes it, and hands leadership to the first call that came meanwhile. So no caller works for
// others twice, nothing waits for a timer, and different keys never wait for each other.
// Thread-safe.
template <class Key, class Item>
class Combiner {
 public:
  using Clock = std::chrono::steady_clock;
  using Limits = CombinerLimits;

  struct Batch {
    std::vector<Item*> items;     // in the order in which they came
    Clock::duration oldest_wait;  // of the first of them, until now
  };
  // Called by one thread at a time for a key. What it throws, every call of the batch throws.
  using Process = std::function<void(const Key&, const Batch&)>;

  enum class Outcome { processed, queue_full, waited_too_long };

  Combiner(const Limits& limits, Process process) : limits_(limits), process_(std::move(process)) {
    assert(limits_.batch_max >= 1 && limits_.queue_max >= 1);
  }
  Combiner(const Combiner&) = delete;
  Combiner& operator=(const Combiner&) = delete;

  // Returns when the item has been processed, by this thread or another; or untouched.
  Outcome run(const Key& key, Item& item) {
    Call call(item);
    bool leads = false;
    {
      const std::lock_guard lock(mutex_);
      const auto [entry, is_first] = queues_.try_emplace(key);
      if (entry->second.size() >= limits_.queue_max) return Outcome::queue_full;
      entry->second.push_back(&call);
      ++queued_;
      leads = is_first;
      assert(!leads || entry->second.size() == 1);
    }
    if (!leads) {
      if (!await(key, call)) return Outcome::waited_too_long;
      assert(call.state != State::queued);
      leads = call.state == State::leads;
    }
    if (leads) lead(key, call);
    if (call.failure) std::rethrow_exception(call.failure);
    return Outcome::processed;
  }

  // Calls whose batch has not begun.
  std::size_t queued() const { return queued_; }

  // Keys that have a leader; idle ones leave nothing behind.
  std::size_t keys() const {
    const std::lock_guard lock(mutex_);
    return queues_.size();
  }

 private:
  enum class State { queued, drained, leads };
  struct Call {
    explicit Call(Item& its_item) : item(&its_item) {}
    Item* const item;
    const Clock::time_point since = Clock::now();
    State state = State::queued;
    std::exception_ptr failure;
    WakeSignal woken;  // once: when the batch is done, or to lead
  };
  using Queue = std::deque<Call*>;

  // False: the call has withdrawn from the queue.
  bool await(const Key& key, Call& call) {
    if (call.woken.wait_until(call.since + limits_.queue_budget)) return true;
    {
      const std::lock_guard lock(mutex_);
      if (call.state == State::queued) {
        Queue& queue = queues_.at(key);  // stands while a call waits in it
        const auto place = std::find(queue.begin(), queue.end(), &call);
        assert(place != queue.end());
        queue.erase(place);
        --queued_;
        return false;
      }
    }
    call.woken.wait();  // in a batch, or about to lead: the signal is certain
    return true;
  }

  void lead(const Key& key, Call& own_call) {
    std::vector<Call*> drained;
    std::exception_ptr failure;
    const Batch batch = drain(key, drained);
    assert(drained.front() == &own_call);
    try {
      process_(key, batch);
    } catch (...) {
      failure = std::current_exception();
    }
    hand_over(key);  // first: the next batch need not wait until all of this one are awake
    for (Call* call : drained) {
      call->failure = failure;
      if (call != &own_call) call->woken.post();
    }
  }

  Batch drain(const Key& key, std::vector<Call*>& drained) {
    Batch batch;
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    Queue& queue = queues_.at(key);
    assert(!queue.empty() && queue.size() <= limits_.queue_max && queued_ >= queue.size());
    const std::size_t count = std::min(queue.size(), limits_.batch_max);
    drained.assign(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    batch.items.reserve(count);
    batch.oldest_wait = now - drained.front()->since;
    queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
    queued_ -= count;
    for (Call* call : drained) {
      assert(call->state == State::queued || call == drained.front());  // the leader's own
      call->state = State::drained;
      batch.items.push_back(call->item);
    }
    return batch;
  }

  void hand_over(const Key& key) {
    Call* next = nullptr;
    {
      const std::lock_guard lock(mutex_);
      const auto entry = queues_.find(key);
      assert(entry != queues_.end());
      if (entry->second.empty()) {
        queues_.erase(entry);
        return;
      }
      next = entry->second.front();
      assert(next->state == State::queued);
      next->state = State::leads;
    }
    next->woken.post();
  }

  const Limits limits_;
  const Process process_;
  mutable std::mutex mutex_;     // guards queues_ and the state of every call in them
  std::map<Key, Queue> queues_;  // a key is here while it has a leader
  std::atomic<std::size_t> queued_{0};
};

}  // namespace evently
