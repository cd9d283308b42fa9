#pragma once

#include <cstdint>

#include "tests/chaos/experiments.h"
#include "tests/chaos/load.h"

namespace evently {

// An event that the load leaves alone. Under load wrong tokens heal by themselves, because each
// booking asks the database in the end and writes its answer back; here only bridge and lease do.
class QuietEvent {
 public:
  QuietEvent(Run& run, const Fixtures& fixtures);

  // Sells its only seat, and waits until Redis knows.
  void sell_out();
  // Gives the seat back behind the service's back. It must not be called sold out for long (I9).
  void must_not_stay_sold_out(const char* meanwhile);

 private:
  Run& run_;
  const std::int64_t event_;
  const std::int64_t user_;
  Served served_{0};
  Sender sender_;
  SqlSender sql_;
  std::int64_t booking_ = 0;
  int sales_ = 0;
};

}  // namespace evently
