#pragma once

#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "tests/faults/support/postgres_proxy.h"

namespace evently {

// A step of the protocol: one message, by its number from 1 among those of its sender.
struct WireStep {
  Sender sender;
  char type;
  int number;
};

inline std::string name_of(const WireStep& step) {
  return std::string(step.sender == Sender::client ? "client" : "server") + " message " +
         std::to_string(step.number) + " (" + step.type + ")";
}

// Counts the messages of each sender.
class WireCounter {
 public:
  WireStep count(const WireMessage& message) {
    return {message.sender, message.type, ++counts_[message.sender == Sender::client ? 0 : 1]};
  }

 private:
  std::array<int, 2> counts_{};
};

// Passes all on and notes it.
class WireRecorder : public WireRule {
 public:
  Fate fate(const WireMessage& message) override {
    const std::lock_guard lock(mutex_);
    steps_.push_back(counter_.count(message));
    return {{message.bytes}, Cut::none};
  }

  // Of a run of messages of one kind, as the server's parameters, the first and the last.
  std::vector<WireStep> steps() {
    const std::lock_guard lock(mutex_);
    std::vector<WireStep> steps;
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (i == 0 || i + 1 == steps_.size() || !alike(i - 1, i) || !alike(i, i + 1))
        steps.push_back(steps_[i]);
    return steps;
  }

 private:
  bool alike(std::size_t one, std::size_t other) const {
    return steps_[one].sender == steps_[other].sender && steps_[one].type == steps_[other].type;
  }

  std::mutex mutex_;  // guards what follows
  WireCounter counter_;
  std::vector<WireStep> steps_;
};

// Where to cut a connection: at the message of that number, counted since the cut before.
struct CutPlan {
  Sender sender;
  int number;
  bool after;  // it was passed on
  Cut how;
};

// Cuts one connection after another as planned.
class WireCutter : public WireRule {
 public:
  explicit WireCutter(std::deque<CutPlan> plans) : plans_(std::move(plans)) {}

  Fate fate(const WireMessage& message) override {
    const std::lock_guard lock(mutex_);
    const WireStep step = counter_.count(message);
    if (plans_.empty() || plans_[0].sender != step.sender || plans_[0].number != step.number)
      return {{message.bytes}, Cut::none};
    const CutPlan plan = plans_[0];
    plans_.pop_front();
    counter_ = {};
    made_.push_back(step);
    if (plan.after) return {{message.bytes}, plan.how};
    return {{}, plan.how};
  }

  std::vector<WireStep> made() {
    const std::lock_guard lock(mutex_);
    return made_;
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::deque<CutPlan> plans_;
  WireCounter counter_;
  std::vector<WireStep> made_;
};

}  // namespace evently
