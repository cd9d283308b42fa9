#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/chaos/journal.h"

namespace evently {

struct StoredEvent {
  std::int64_t id = 0;
  std::int64_t capacity = 0;
  std::int64_t seats_available = 0;
};

struct StoredBooking {
  std::int64_t id = 0;
  std::int64_t user = 0;
  std::int64_t event = 0;
  int seats = 0;
  bool live = true;
  std::string key;
};

// Of the events in a history, all of one moment.
struct Snapshot {
  std::vector<StoredEvent> events;
  std::vector<StoredBooking> bookings;
  std::vector<std::string> violations;  // what evently.verify() says
};

// What the history and the database together prove.
struct Verdict {
  std::uint64_t acknowledged = 0;         // bookings
  std::uint64_t cancelled = 0;            // cancellations acknowledged
  std::uint64_t unknown = 0;              // outcomes that stayed unknown
  std::uint64_t lost = 0;                 // acknowledged, and not there or not in force (I2)
  std::uint64_t doubled = 0;              // keys with two bookings (I3)
  std::uint64_t oversold = 0;             // seats beyond the capacity (I1)
  std::uint64_t wrong_counters = 0;       // events whose counter is not what is booked (I1, I4)
  std::uint64_t unasked = 0;              // bookings and cancellations that no client asked for
  std::uint64_t refused_yet_booked = 0;   // the key's last answer was a refusal (I8)
  std::uint64_t false_sold_out = 0;       // refusals while seats were free for over 1 s (I9)
  std::uint64_t unexpected_answers = 0;   // neither success, nor sold out, nor try again
  std::int64_t longest_outage_ms = 0;     // in which no client was served
  std::map<int, std::uint64_t> statuses;  // no_answer among them

  // Of every kind. The texts are of the first ones, and of what is only counted.
  std::uint64_t violations = 0;
  std::vector<std::string> findings;

  void find(const std::string& finding);
  void note(const std::string& finding);  // no violation
};

// False sold-outs are counted in every case, and a violation only where they are bounded.
Verdict check_history(const History& history, const Snapshot& snapshot,
                      bool sold_out_is_bounded = true);

}  // namespace evently
