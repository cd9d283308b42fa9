#pragma once

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace evently {

// A bounded pool: at most `size` things exist, and a lease gives one thread the sole use of one.
// The last one given back is lent first, so that surplus ones stay idle. It must outlive its
// leases.
template <class T>
class Pool {
 public:
  using Factory = std::function<std::unique_ptr<T>()>;  // may throw; the place is free again then

  Pool(std::size_t size, Factory factory) : size_(size), factory_(std::move(factory)) {
    assert(size_ >= 1);
    idle_.reserve(size_);
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  class Lease {
   public:
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), thing_(std::move(other.thing_)) {}
    Lease& operator=(Lease&& other) noexcept {
      if (this != &other) {
        give_back();
        pool_ = std::exchange(other.pool_, nullptr);
        thing_ = std::move(other.thing_);
      }
      return *this;
    }
    ~Lease() { give_back(); }

    T& operator*() {
      assert(thing_);
      return *thing_;
    }
    T* operator->() {
      assert(thing_);
      return thing_.get();
    }

    // It is broken: destroy it instead of lending it again. The lease is empty afterwards.
    void discard() {
      thing_.reset();
      give_back();
    }

   private:
    friend class Pool;
    Lease(Pool* pool, std::unique_ptr<T> thing) : pool_(pool), thing_(std::move(thing)) {}

    void give_back() {
      if (pool_ != nullptr) std::exchange(pool_, nullptr)->take_back(std::move(thing_));
    }

    Pool* pool_;
    std::unique_ptr<T> thing_;
  };

  // nullopt: none became free in time. The budget bounds the wait for a place, not the factory.
  std::optional<Lease> lease(std::chrono::milliseconds wait_budget) {
    const auto deadline = std::chrono::steady_clock::now() + wait_budget;
    std::unique_lock lock(mutex_);
    if (!freed_.wait_until(lock, deadline, [this] { return in_use_ < size_; })) {
      return std::nullopt;
    }
    ++in_use_;
    if (!idle_.empty()) {
      std::unique_ptr<T> thing = std::move(idle_.back());
      idle_.pop_back();
      assert(is_within_bounds());
      return Lease(this, std::move(thing));
    }
    assert(is_within_bounds());
    lock.unlock();
    Lease lease(this, nullptr);  // frees the place should the factory throw
    lease.thing_ = factory_();
    return lease;
  }

  // An idle one that matches, at once; nullopt when there is none. Never makes one.
  template <class Matches>
  std::optional<Lease> lease_idle(const Matches& matches) {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const std::unique_ptr<T>& idle) { return matches(*idle); });
    if (found == idle_.end()) return std::nullopt;
    std::unique_ptr<T> thing = std::move(*found);
    idle_.erase(found);
    ++in_use_;
    assert(is_within_bounds());
    return Lease(this, std::move(thing));
  }

  // Once one has proved broken because its server ended, so are the idle ones.
  void discard_idle() {
    std::vector<std::unique_ptr<T>> condemned;
    const std::lock_guard lock(mutex_);
    condemned.swap(idle_);
    idle_.reserve(size_);
  }

  std::size_t in_use() const {
    const std::lock_guard lock(mutex_);
    return in_use_;
  }
  std::size_t size() const { return size_; }

 private:
  // Under the mutex.
  bool is_within_bounds() const { return in_use_ <= size_ && idle_.size() + in_use_ <= size_; }

  void take_back(std::unique_ptr<T> thing) {
    {
      const std::lock_guard lock(mutex_);
      assert(in_use_ >= 1);
      if (thing) idle_.push_back(std::move(thing));
      --in_use_;
      assert(is_within_bounds());
    }
    freed_.notify_one();
  }

  const std::size_t size_;
  const Factory factory_;
  mutable std::mutex mutex_;  // guards idle_ and in_use_
  std::condition_variable freed_;
  std::vector<std::unique_ptr<T>> idle_;
  std::size_t in_use_ = 0;
};

}  // namespace evently
