#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/sessions/eventually.h"

namespace evently {

// Adds to this suite's row in the table of `make chaos`, which names its file in EVENTLY_CHAOS_ROW:
// `count` faults, after which no `acknowledged` booking was lost, doubled or one too many. A test
// that failed has no row: call it at the end.
inline void add_to_chaos_row(const std::string& title, std::uint64_t count,
                             std::uint64_t acknowledged, Milliseconds outage = Milliseconds(0)) {
  const char* path = std::getenv("EVENTLY_CHAOS_ROW");
  const char* seed = std::getenv("EVENTLY_FAULT_SEED");
  if (path == nullptr || seed == nullptr || testing::Test::HasFailure()) return;
  nlohmann::ordered_json row = {{"title", title},
                                {"count", 0},
                                {"acknowledged", 0},
                                {"lost", 0},
                                {"doubled", 0},
                                {"oversold", 0},
                                {"longest_outage_ms", 0},
                                {"violations", 0},
                                {"seed", std::stoull(seed)}};
  std::ifstream before(path);
  if (before.peek() != std::ifstream::traits_type::eof()) before >> row;
  row["count"] = row["count"].get<std::uint64_t>() + count;
  row["acknowledged"] = row["acknowledged"].get<std::uint64_t>() + acknowledged;
  row["longest_outage_ms"] =
      std::max<std::int64_t>(row["longest_outage_ms"].get<std::int64_t>(), outage.count());
  std::ofstream(path) << row.dump() << "\n";
}

}  // namespace evently
