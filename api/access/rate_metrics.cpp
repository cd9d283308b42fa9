#include "api/access/rate_metrics.h"

namespace evently {

RateMetrics::RateMetrics(prometheus::Registry& registry)
    : refused_(prometheus::BuildCounter()
                   .Name("evently_rate_limited_total")
                   .Help("Requests answered 429, by the limit that was reached.")
                   .Register(registry)),
      decided_(prometheus::BuildCounter()
                   .Name("evently_rate_limit_decisions_total")
                   .Help("Tokens asked of the buckets of clients, by where those were: in Redis, "
                         "or in this process while Redis was out.")
                   .Register(registry)),
      client_refused_(refused_.Add({{"policy", client_policy}})),
      guess_refused_(refused_.Add({{"policy", admin_policy}})),
      by_redis_(decided_.Add({{"by", "redis"}})),
      here_(decided_.Add({{"by", "process"}})) {}

}  // namespace evently
