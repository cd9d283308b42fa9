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

bool has_success(const std::vector<Told>& told) {
  return std::any_of(told.begin(), told.end(), [](const Told& t) { return is_success(t.status); });
}

// The last answer that came; nullptr when none did.
const Told* last_of(const std::vector<Told>& told) {
  const auto last = std::max_element(
      told.begin(), told.end(), [](const Told& a, const Told& b) { return a.told_us < b.told_us; });
  return last == told.end() ? nullptr : &*last;
}

// Whether the clients know that the wish was refused.
bool is_refused(const WishHistory& entry) {
  const Told* last = last_of(entry.told);
  if (last == nullptr || !is_served(last->status) || has_success(entry.told)) return false;
  // Each send must have been answered: another may still be under way.
  return entry.told.size() == entry.asked_us.size();
}

// A key goes on naming its booking, with and without seats left.
bool is_refused_after_success(const std::vector<Told>& told) {
  std::int64_t known_us = INT64_MAX;
  for (const Told& answer : told)
    if (is_success(answer.status)) known_us = std::min(known_us, answer.told_us);
  return std::any_of(told.begin(), told.end(), [&](const Told& answer) {
    return is_served(answer.status) && !is_success(answer.status) && answer.asked_us > known_us;
  });
}

class Judge {
 public:
  Judge(const History& history, const Snapshot& snapshot, bool sold_out_is_bounded)
      : history_(history), snapshot_(snapshot), sold_out_is_bounded_(sold_out_is_bounded) {
    for (const StoredBooking& row : snapshot.bookings) rows_[row.key].push_back(&row);
  }

  Verdict verdict() {
    for (const auto& [key, entry] : history_.wishes) check_wish(entry);
    for (const auto& [booking, cancel] : history_.cancels) check_cancel(booking, cancel);
    for (const auto& [event, told] : history_.probes)
      count_answers(told, "a probe of event " + std::to_string(event), {404, 409});
    for (const StoredBooking& row : snapshot_.bookings)
      if (history_.wishes.count(row.key) == 0)
        find(verdict_.unasked, "nobody asked for " + name(row));
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

  void count_answers(const std::vector<Told>& told, const std::string& what,
                     const std::set<int>& expected) {
    for (const Told& answer : told) {
      ++verdict_.statuses[answer.status];
      if (is_served(answer.status) && expected.count(answer.status) == 0)
        find(verdict_.unexpected_answers, std::to_string(answer.status) + " to " + what);
    }
  }

  void check_wish(const WishHistory& entry) {
    const std::string key = "key " + entry.wish.key;
    count_answers(entry.told, key, {200, 201, 409});
    if (entry.asked_us.empty()) return verdict_.find("an answer without an intent: " + key);
    std::set<std::int64_t> told;
    for (const Told& answer : entry.told)
      if (is_success(answer.status)) told.insert(answer.booking);
    const auto found = rows_.find(entry.wish.key);
    const std::size_t rows = found == rows_.end() ? 0 : found->second.size();
    if (rows > 1 || told.size() > 1) find(verdict_.doubled, "I3: more than one booking for " + key);
    if (!told.empty()) {
      ++verdict_.acknowledged;
      if (is_refused_after_success(entry.told))
        find(verdict_.refused_yet_booked, "I3: refused after it was acknowledged: " + key);
      check_acknowledged(entry.wish, *told.begin(), rows == 0 ? nullptr : found->second.front());
    } else if (is_refused(entry)) {
      if (rows > 0) find(verdict_.refused_yet_booked, "I8: refused, yet booked: " + key);
    } else {
      ++verdict_.unknown;
    }
  }

  void check_acknowledged(const Wish& wish, std::int64_t booking, const StoredBooking* row) {
    const std::string what = "booking " + std::to_string(booking) + " of key " + wish.key;
    if (row == nullptr) return find(verdict_.lost, "I2: lost: " + what);
    if (row->id != booking || row->user != wish.user || row->event != wish.event ||
        row->seats != wish.seats)
      find(verdict_.lost, "I2: another than was acknowledged: " + what + " is " + name(*row));
    if (!row->live && history_.cancels.count(row->id) == 0)
      find(verdict_.unasked, "cancelled, though nobody asked: " + what);
    const auto cancel = history_.cancels.find(row->id);
    if (row->live && cancel != history_.cancels.end() && has_success(cancel->second.told))
      find(verdict_.lost, "I2: the cancellation is not in force: " + what);
  }

  void check_cancel(std::int64_t booking, const CancelHistory& cancel) {
    const std::string what = "cancellation of booking " + std::to_string(booking);
    count_answers(cancel.told, what, {200, done_by_sql});
    if (has_success(cancel.told))
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
    std::int64_t seats;         // that may be taken from now on, or are certainly free again
    std::int64_t asked_us = 0;  // of a refusal
    bool is_refusal = false;
    bool is_probe = false;
    bool operator<(const Moment& other) const { return at_us < other.at_us; }
  };

  // A refusal was false when there was room for anybody, though all seats are counted as taken
  // that could be, and had been for longer than the bound.
  std::vector<Moment> moments_of(std::int64_t event, std::int64_t& seats_wanted_max) const {
    std::vector<Moment> moments;
    for (const auto& [key, entry] : history_.wishes) {
      if (entry.wish.event != event) continue;
      const std::int64_t seats = entry.wish.seats;
      seats_wanted_max = std::max(seats_wanted_max, seats);
      for (const auto& [from_us, to_us] : taken_times(entry)) {
        moments.push_back({from_us, seats});
        if (to_us != forever) moments.push_back({to_us, -seats});
      }
      add_refusals(entry.told, false, moments);
    }
    if (const auto probes = history_.probes.find(event); probes != history_.probes.end())
      add_refusals(probes->second, true, moments);
    std::sort(moments.begin(), moments.end());
    return moments;
  }

  static void add_refusals(const std::vector<Told>& told, bool is_probe,
                           std::vector<Moment>& moments) {
    for (const Told& answer : told)
      if (answer.status == 409)
        moments.push_back({answer.told_us, 0, answer.asked_us, true, is_probe});
  }

  static constexpr std::int64_t forever = INT64_MAX;
  using Times = std::vector<std::pair<std::int64_t, std::int64_t>>;

  // When the seats of a wish may be taken: from each send until its refusal or the cancellation is
  // known. A send with an unknown outcome is resolved by a later one that was answered (I8).
  Times taken_times(const WishHistory& entry) const {
    Times times;
    std::multiset<std::int64_t> unanswered(entry.asked_us.begin(), entry.asked_us.end());
    const std::int64_t given_back = given_back_us(entry);
    for (const Told& answer : entry.told) {
      if (const auto asked = unanswered.find(answer.asked_us); asked != unanswered.end())
        unanswered.erase(asked);
      std::int64_t end_us = answer.told_us;
      if (is_success(answer.status)) end_us = given_back;
      if (!is_served(answer.status)) end_us = resolved_us(entry, answer.told_us);
      if (end_us > answer.asked_us) times.emplace_back(answer.asked_us, end_us);
    }
    for (const std::int64_t asked_us : unanswered) times.emplace_back(asked_us, forever);
    return merged(std::move(times));
  }

  static std::int64_t resolved_us(const WishHistory& entry, std::int64_t after_us) {
    std::int64_t first_us = forever;
    for (const Told& answer : entry.told)
      if (is_served(answer.status) && answer.asked_us >= after_us)
        first_us = std::min(first_us, answer.told_us);
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

  std::int64_t given_back_us(const WishHistory& entry) const {
    std::int64_t first_us = forever;
    for (const Told& answer : entry.told) {
      const auto cancel = history_.cancels.find(answer.booking);
      if (!is_success(answer.status) || cancel == history_.cancels.end()) continue;
      for (const Told& told : cancel->second.told)
        if (is_success(told.status)) first_us = std::min(first_us, told.told_us);
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
      const std::int64_t false_us = moment.asked_us - *free_since;
      if (false_us <= false_sold_out_us_max) continue;
      ++verdict_.false_sold_out;
      const std::string what = "I9: a " + std::string(moment.is_probe ? "probe" : "wish") + " at " +
                               std::to_string(moment.asked_us / 1000) + " ms: event " +
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
    const auto add_told = [&](const std::vector<Told>& told) {
      for (const Told& answer : told) {
        last_us = std::max(last_us, answer.told_us);
        if (is_served(answer.status) && answer.status != done_by_sql)
          served.push_back(answer.told_us);
      }
    };
    const auto add = [&](const auto& entry) {
      for (const std::int64_t asked_us : entry.asked_us) first_us = std::min(first_us, asked_us);
      add_told(entry.told);
    };
    for (const auto& [key, entry] : history_.wishes) add(entry);
    for (const auto& [booking, cancel] : history_.cancels) add(cancel);
    for (const auto& [event, told] : history_.probes) add_told(told);
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

Verdict judge(const History& history, const Snapshot& snapshot, bool sold_out_is_bounded) {
  return Judge(history, snapshot, sold_out_is_bounded).verdict();
}

}  // namespace evently
