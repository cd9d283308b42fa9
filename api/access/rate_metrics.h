#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

namespace evently {

// What /metrics shows of the limits by client address. Thread-safe.
class RateMetrics {
 public:
  // The limits' names, here and in the header fields.
  static constexpr const char* client_policy = "client";
  static constexpr const char* admin_policy = "admin-failures";

  explicit RateMetrics(prometheus::Registry& registry);

  void client_refused() { client_refused_.Increment(); }
  void guess_refused() { guess_refused_.Increment(); }
  void decided_by_redis() { by_redis_.Increment(); }
  void decided_here() { here_.Increment(); }

 private:
  prometheus::Family<prometheus::Counter>& refused_;
  prometheus::Family<prometheus::Counter>& decided_;
  prometheus::Counter& client_refused_;
  prometheus::Counter& guess_refused_;
  prometheus::Counter& by_redis_;
  prometheus::Counter& here_;
};

}  // namespace evently
