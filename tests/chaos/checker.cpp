#include "tests/chaos/checker.h"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

namespace evently {
namespace {

constexpr std::size_t findings_shown = 20;
constexpr std::int64_t false_sold_out_us_max = 1'000'000;  // I9

bool is_served(int status) {
  return status != no_answer && status != 503;
}

bool is_success(int status) {
  return status == 200 || status == 201 || status == done_by_sql;
}

bool has_success(const std::vector<Completion>& completions) {
  return std::any_of(completions.begin(), completions.end(),
                     [](const Completion& t) { return is_success(t.status); });
}

// The last answer that came; nullptr when none did.
const Completion* last_of(const std::vector<Completion>& completions) {
  const auto last = std::max_element(
      completions.begin(), completions.end(),
      [](const Completion& a, const Completion& b) { return a.completed_us < b.completed_us; });
  return last == completions.end() ? nullptr : &*last;
}

// Whether the clients know that the operation was refused.
bool is_refused(const OperationHistory& entry) {
  const Completion* last = last_of(entry.completions);
  if (last == nullptr || !is_served(last->status) || has_success(entry.completions)) return false;
  // Each send must have been answered: another may still be under way.
  return entry.completions.size() == entry.invoked_us.size();
}

// A key goes on naming its booking, with and without seats left.
bool is_refused_after_success(const std::vector<Completion>& completions) {
  std::int64_t known_us = INT64_MAX;
  for (const Completion& answer : completions)
    if (is_success(answer.status)) known_us = std::min(known_us, answer.completed_us);
  return std::any_of(completions.begin(), completions.end(), [&](const Completion& answer) {
    return is_served(answer.status) && !is_success(answer.status) && answer.invoked_us > known_us;
  });
}

class Checker {
 public:
  Checker(const History& history, const Snapshot& snapshot, bool sold_out_is_bounded)
      : history_(history), snapshot_(snapshot), sold_out_is_bounded_(sold_out_is_bounded) {
    for (const StoredBooking& row : snapshot.bookings) rows_[row.key].push_back(&row);
  }

  Verdict verdict() {
    for (const auto& [key, entry] : history_.operations) check_operation(entry);
    for (const auto& [booking, cancel] : history_.cancels) check_cancel(booking, cancel);
    for (const auto& [event, completions] : history_.probes)
      count_answers(completions, "a probe of event " + std::to_string(event), {404, 409});
    for (const StoredBooking& row : snapshot_.bookings)
      if (history_.operations.count(row.key) == 0)
        find(verdict_.unasked, "no client asked for " + name(row));
    check_events();
    for (const std::string& line : snapshot_.violations) verdict_.find("verify() says " + line);
    for (const auto& [event, capacity] : history_.capacities) find_false_sold_outs(event, capacity);
    find_longest_outage();
    return std::move(verdict_);
  }

 private:
  void find(std::uint64_t& count, const std::string& finding) {
    ++count;
    verdict_.find(finding);
  }

  static std::string name(const StoredBooking& row) {
    return "booking " + std::to_string(row.id) + " (key " + row.key + ")";
  }

  void count_answers(const std::vector<Completion>& completions, const std::string& what,
                     const std::set<int>& expected) {
    for (const Completion& answer : completions) {
      ++verdict_.statuses[answer.status];
      if (is_served(answer.status) && expected.count(answer.status) == 0)
        find(verdict_.unexpected_answers, std::to_string(answer.status) + " to " + what);
    }
  }

  void check_operation(const OperationHistory& entry) {
    const std::string key = "key " + entry.operation.key;
    count_answers(entry.completions, key, {200, 201, 409});
    if (entry.invoked_us.empty())
      return verdict_.find("a completion without an invocation: " + key);
    std::set<std::int64_t> acknowledged;
    for (const Completion& answer : entry.completions)
      if (is_success(answer.status)) acknowledged.insert(answer.booking);
    const auto found = rows_.find(entry.operation.key);
    const std::size_t rows = found == rows_.end() ? 0 : found->second.size();
    if (rows > 1 || acknowledged.size() > 1)
      find(verdict_.doubled, "I3: more than one booking for " + key);
    if (!acknowledged.empty()) {
      ++verdict_.acknowledged;
      if (is_refused_after_success(entry.completions))
        find(verdict_.refused_yet_booked, "I3: refused after it was acknowledged: " + key);
      check_acknowledged(entry.operation, *acknowledged.begin(),
                         rows == 0 ? nullptr : found->second.front());
    } else if (is_refused(entry)) {
      if (rows > 0) find(verdict_.refused_yet_booked, "I8: refused, yet booked: " + key);
    } else {
      ++verdict_.unknown;
    }
  }

  void check_acknowledged(const Operation& operation, std::int64_t booking,
                          const StoredBooking* row) {
    const std::string what = "booking " + std::to_string(booking) + " of key " + operation.key;
    if (row == nullptr) return find(verdict_.lost, "I2: lost: " + what);
    if (row->id != booking || row->user != operation.user || row->event != operation.event ||
        row->seats != operation.seats)
      find(verdict_.lost, "I2: another than was acknowledged: " + what + " is " + name(*row));
    if (!row->live && history_.cancels.count(row->id) == 0)
      find(verdict_.unasked, "cancelled, though no client asked: " + what);
    const auto cancel = history_.cancels.find(row->id);
    if (row->live && cancel != history_.cancels.end() && has_success(cancel->second.completions))
      find(verdict_.lost, "I2: the cancellation is not in force: " + what);
  }

  void check_cancel(std::int64_t booking, const CancelHistory& cancel) {
    const std::string what = "cancellation of booking " + std::to_string(booking);
    count_answers(cancel.completions, what, {200, done_by_sql});
    if (has_success(cancel.completions))
      ++verdict_.cancelled;
    else
      ++verdict_.unknown;
  }

  void check_events() {
    std::unordered_map<std::int64_t, std::int64_t> sold;
    for (const StoredBooking& row : snapshot_.bookings)
      if (row.live) sold[row.event] += row.seats;
    for (const StoredEvent& event : snapshot_.events) {
      const std::string what = "event " + std::to_string(event.id) + " of " +
                               std::to_string(event.capacity) + " seats has " +
                               std::to_string(sold[event.id]) + " sold and " +
                               std::to_string(event.seats_available) + " available";
      if (sold[event.id] > event.capacity) {
        verdict_.oversold += static_cast<std::uint64_t>(sold[event.id] - event.capacity);
        verdict_.find("I1: oversold: " + what);
      }
      if (event.seats_available != event.capacity - sold[event.id] || event.seats_available < 0 ||
          event.seats_available > event.capacity)
        find(verdict_.wrong_counters, "I1: " + what);
      const auto known = history_.capacities.find(event.id);
      if (known == history_.capacities.end() || known->second != event.capacity)
        verdict_.find("another capacity than it was made with: " + what);
    }
    if (snapshot_.events.size() != history_.capacities.size())
      verdict_.find("I2: " + std::to_string(history_.capacities.size()) + " events were made, " +
                    std::to_string(snapshot_.events.size()) + " are there");
  }

  struct Moment {
    std::int64_t at_us;
    std::int64_t seats;           // that may be taken from now on, or are certainly free again
    std::int64_t invoked_us = 0;  // of a refusal
    bool is_refusal = false;
    bool is_probe = false;
    bool operator<(const Moment& other) const { return at_us < other.at_us; }
  };

  // A refusal was false when the largest request would have fitted, counting every seat as taken
  // that may have been, and had fitted for longer than the bound.
  std::vector<Moment> moments_of(std::int64_t event, std::int64_t& seats_wanted_max) const {
    std::vector<Moment> moments;
    for (const auto& [key, entry] : history_.operations) {
      if (entry.operation.event != event) continue;
      const std::int64_t seats = entry.operation.seats;
      seats_wanted_max = std::max(seats_wanted_max, seats);
      for (const auto& [from_us, to_us] : taken_times(entry)) {
        moments.push_back({from_us, seats});
        if (to_us != forever) moments.push_back({to_us, -seats});
      }
      add_refusals(entry.completions, false, moments);
    }
    if (const auto probes = history_.probes.find(event); probes != history_.probes.end())
      add_refusals(probes->second, true, moments);
    std::sort(moments.begin(), moments.end());
    return moments;
  }

  static void add_refusals(const std::vector<Completion>& completions, bool is_probe,
                           std::vector<Moment>& moments) {
    for (const Completion& answer : completions)
      if (answer.status == 409)
        moments.push_back({answer.completed_us, 0, answer.invoked_us, true, is_probe});
  }

  static constexpr std::int64_t forever = INT64_MAX;
  using Times = std::vector<std::pair<std::int64_t, std::int64_t>>;

  // When the seats of an operation may be taken: from each send until its refusal or the
  // cancellation is known. A send with an unknown outcome is resolved by a later one that was
  // answered (I8).
  Times taken_times(const OperationHistory& entry) const {
    Times times;
    std::multiset<std::int64_t> unanswered(entry.invoked_us.begin(), entry.invoked_us.end());
    const std::int64_t given_back = given_back_us(entry);
    for (const Completion& answer : entry.completions) {
      if (const auto invoked = unanswered.find(answer.invoked_us); invoked != unanswered.end())
        unanswered.erase(invoked);
      std::int64_t end_us = answer.completed_us;
      if (is_success(answer.status)) end_us = given_back;
      if (!is_served(answer.status)) end_us = resolved_us(entry, answer.completed_us);
      if (end_us > answer.invoked_us) times.emplace_back(answer.invoked_us, end_us);
    }
    for (const std::int64_t invoked_us : unanswered) times.emplace_back(invoked_us, forever);
    return merged(std::move(times));
  }

  static std::int64_t resolved_us(const OperationHistory& entry, std::int64_t after_us) {
    std::int64_t first_us = forever;
    for (const Completion& answer : entry.completions)
      if (is_served(answer.status) && answer.invoked_us >= after_us)
        first_us = std::min(first_us, answer.completed_us);
    return first_us;
  }

  static Times merged(Times times) {
    std::sort(times.begin(), times.end());
    Times result;
    for (const auto& time : times) {
      if (!result.empty() && time.first <= result.back().second)
        result.back().second = std::max(result.back().second, time.second);
      else
        result.push_back(time);
    }
    return result;
  }

  std::int64_t given_back_us(const OperationHistory& entry) const {
    std::int64_t first_us = forever;
    for (const Completion& answer : entry.completions) {
      const auto cancel = history_.cancels.find(answer.booking);
      if (!is_success(answer.status) || cancel == history_.cancels.end()) continue;
      for (const Completion& cancelled : cancel->second.completions)
        if (is_success(cancelled.status)) first_us = std::min(first_us, cancelled.completed_us);
    }
    return first_us;
  }

  void find_false_sold_outs(std::int64_t event, std::int64_t capacity) {
    std::int64_t wanted_max = 0;
    const std::vector<Moment> moments = moments_of(event, wanted_max);
    std::int64_t taken = 0;
    std::optional<std::int64_t> free_since;
    for (const Moment& moment : moments) {
      taken += moment.seats;
      if (taken + wanted_max > capacity)
        free_since.reset();
      else if (!free_since)
        free_since = moment.at_us;
      if (!moment.is_refusal || !free_since) continue;
      const std::int64_t false_us = moment.invoked_us - *free_since;
      if (false_us <= false_sold_out_us_max) continue;
      ++verdict_.false_sold_out;
      const std::string what = "I9: " + std::string(moment.is_probe ? "a probe" : "an operation") +
                               " at " + std::to_string(moment.invoked_us / 1000) + " ms: event " +
                               std::to_string(event) + " was called sold out, with " +
                               std::to_string(capacity - taken) + " seats free for " +
                               std::to_string(false_us / 1000) + " ms";
      if (sold_out_is_bounded_)
        verdict_.find(what);
      else
        verdict_.note(what);
    }
  }

  void find_longest_outage() {
    std::vector<std::int64_t> served;
    std::int64_t first_us = INT64_MAX;
    std::int64_t last_us = 0;
    const auto add_completions = [&](const std::vector<Completion>& completions) {
      for (const Completion& answer : completions) {
        last_us = std::max(last_us, answer.completed_us);
        if (is_served(answer.status) && answer.status != done_by_sql)
          served.push_back(answer.completed_us);
      }
    };
    const auto add = [&](const auto& entry) {
      for (const std::int64_t invoked_us : entry.invoked_us)
        first_us = std::min(first_us, invoked_us);
      add_completions(entry.completions);
    };
    for (const auto& [key, entry] : history_.operations) add(entry);
    for (const auto& [booking, cancel] : history_.cancels) add(cancel);
    for (const auto& [event, completions] : history_.probes) add_completions(completions);
    served.push_back(last_us);
    std::sort(served.begin(), served.end());
    std::int64_t before_us = first_us;
    std::int64_t longest_us = 0;
    for (const std::int64_t at_us : served) {
      longest_us = std::max(longest_us, at_us - before_us);
      before_us = at_us;
    }
    verdict_.longest_outage_ms = longest_us / 1000;
  }

  const History& history_;
  const Snapshot& snapshot_;
  const bool sold_out_is_bounded_;
  std::unordered_map<std::string, std::vector<const StoredBooking*>> rows_;
  Verdict verdict_;
};

}  // namespace

void Verdict::find(const std::string& finding) {
  ++violations;
  note(finding);
}

void Verdict::note(const std::string& finding) {
  if (findings.size() < findings_shown) findings.push_back(finding);
}

Verdict check_history(const History& history, const Snapshot& snapshot, bool sold_out_is_bounded) {
  return Checker(history, snapshot, sold_out_is_bounded).verdict();
}

}  // namespace evently
