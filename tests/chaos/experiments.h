#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/chaos/journal.h"

namespace evently {

// What an experiment works with, and what it notices beside its journal.
struct Run {
  Journal& journal;
  std::mt19937_64 random;
  std::uint64_t seed;
  int count;      // faults, or requests where they are the fault
  bool is_short;  // within `make test`
  std::vector<std::string> findings;
};

struct Experiment {
  const char* name;
  const char* title;
  int short_count;  // 0: not run in short
  int long_count;
  std::int64_t outage_ms_max;  // 0: outages are part of the experiment
  bool sold_out_is_bounded;    // I9; not while the disk is full
  void (*run)(Run&);
};

// One row of docs/testing.md each, in its order. Each breaks something while clients book and
// cancel and leaves all parts running; it throws when the service does not come back.
const std::vector<Experiment>& experiments();

}  // namespace evently
