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
#include <set>
#include <utility>
#include <vector>

#include "runtime/wake_signal.h"
#include "runtime/workers.h"

namespace evently {

struct CombinerLimits {
  std::size_t batch_max;
  std::size_t queue_max;                   // of one key
  std::chrono::milliseconds queue_budget;  // until a call's batch begins
};

// Turns calls for the same key into batches: while one batch is under way, the calls that come
// gather behind it. A call that finds no batch of its key under way has a worker begin one, and a
// worker that has ended one begins the next if calls have gathered. So nothing waits for a timer,
// and different keys never wait for each other. Thread-safe; callers are coroutines or threads.
template <class Key, class Item>
class Combiner {
 public:
  using Clock = std::chrono::steady_clock;
  using Limits = CombinerLimits;

  struct Batch {
    std::vector<Item*> items;       // in the order in which they came
    Clock::duration oldest_wait{};  // of the first of them, until now
    // Lets the next batch of the key begin, which else happens when the process returns. For the
    // moment from which this one no longer stands in its way; what is left to do runs beside it.
    // Nothing while the batch before is not finished: two of a key are under way at most.
    std::function<void()> pass_on{};
  };
  // Called by one worker at a time for a key, until it passes on. What it throws, every call of the
  // batch throws.
  using Process = std::function<void(const Key&, const Batch&)>;

  enum class Outcome { processed, queue_full, waited_too_long };

  Combiner(const Limits& limits, Workers& workers, Process process)
      : limits_(limits), workers_(workers), process_(std::move(process)) {
    assert(limits_.batch_max >= 1 && limits_.queue_max >= 1);
  }
  Combiner(const Combiner&) = delete;
  Combiner& operator=(const Combiner&) = delete;

  // Returns when the item has been processed, or untouched.
  Outcome run(const Key& key, Item& item) {
    Call call(item);
    bool begins = false;
    {
      const std::lock_guard lock(mutex_);
      const auto [entry, is_first] = queues_.try_emplace(key);
      if (entry->second.size() >= limits_.queue_max) return Outcome::queue_full;
      entry->second.push_back(&call);
      ++queued_;
      begins = is_first;
      assert(!begins || entry->second.size() == 1);
    }
    if (begins) begin_batch(key);
    if (!await(key, call)) return Outcome::waited_too_long;
    assert(!call.is_queued);
    if (call.failure) std::rethrow_exception(call.failure);
    return Outcome::processed;
  }

  // Calls whose batch has not begun.
  std::size_t queued() const { return queued_; }

  // Keys that have a batch under way which has not passed on; idle ones leave nothing behind.
  std::size_t keys() const {
    const std::lock_guard lock(mutex_);
    return queues_.size();
  }

 private:
  struct Call {
    explicit Call(Item& its_item) : item(&its_item) {}
    Item* const item;
    const Clock::time_point since = Clock::now();
    bool is_queued = true;
    std::exception_ptr failure;
    WakeSignal done;
  };
  using Queue = std::deque<Call*>;

  // False: the call has withdrawn from the queue.
  bool await(const Key& key, Call& call) {
    if (call.done.wait_until(call.since + limits_.queue_budget)) return true;
    {
      const std::lock_guard lock(mutex_);
      if (call.is_queued) {
        Queue& queue = queues_.at(key);  // stands while a call waits in it
        const auto place = std::find(queue.begin(), queue.end(), &call);
        assert(place != queue.end());
        queue.erase(place);
        --queued_;
        return false;
      }
    }
    call.done.wait();  // its batch is under way: the signal is certain
    return true;
  }

  void begin_batch(const Key& key) {
    workers_.submit([this, key] { process(key); });
  }

  void process(const Key& key) {
    std::vector<Call*> calls;
    std::exception_ptr failure;
    Batch batch = drain(key, calls);
    bool has_passed_on = false;
    batch.pass_on = [this, &key, &has_passed_on] {
      if (has_passed_on || !may_pass_on(key)) return;
      has_passed_on = true;
      begin_next(key);
    };
    if (!calls.empty()) {
      try {
        process_(key, batch);
      } catch (...) {
        failure = std::current_exception();
      }
    }
    // First: the next batch need not wait until all of this one are awake.
    has_passed_on ? finish(key) : begin_next(key);
    std::vector<WakeSignal*> done;
    done.reserve(calls.size());
    for (Call* call : calls) {
      call->failure = failure;
      done.push_back(&call->done);
    }
    WakeSignal::post_all(std::move(done));
  }

  // Behind the jobs of other keys, so that a hot one does not keep a worker for itself.
  void begin_next(const Key& key) {
    if (others_wait(key)) begin_batch(key);
  }

  bool may_pass_on(const Key& key) {
    const std::lock_guard lock(mutex_);
    return finishing_.insert(key).second;
  }

  void finish(const Key& key) {
    const std::lock_guard lock(mutex_);
    finishing_.erase(key);
  }

  // Nothing when all calls have withdrawn meanwhile.
  Batch drain(const Key& key, std::vector<Call*>& calls) {
    Batch batch{};
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    Queue& queue = queues_.at(key);
    assert(queue.size() <= limits_.queue_max && queued_ >= queue.size());
    if (queue.empty()) return batch;
    const std::size_t count = std::min(queue.size(), limits_.batch_max);
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(count);
    calls.assign(queue.begin(), end);
    batch.items.reserve(count);
    batch.oldest_wait = now - calls.front()->since;
    queue.erase(queue.begin(), end);
    queued_ -= count;
    for (Call* call : calls) {
      assert(call->is_queued);
      call->is_queued = false;
      batch.items.push_back(call->item);
    }
    return batch;
  }

  // Otherwise the key is idle from now on.
  bool others_wait(const Key& key) {
    const std::lock_guard lock(mutex_);
    const auto entry = queues_.find(key);
    assert(entry != queues_.end());
    if (!entry->second.empty()) return true;
    queues_.erase(entry);
    return false;
  }

  const Limits limits_;
  Workers& workers_;
  const Process process_;
  mutable std::mutex mutex_;     // guards queues_, the place of every call in them, and finishing_
  std::map<Key, Queue> queues_;  // a key is here until its last batch has passed on
  std::set<Key> finishing_;      // of which a batch has passed on and is not finished
  std::atomic<std::size_t> queued_{0};
};

}  // namespace evently
