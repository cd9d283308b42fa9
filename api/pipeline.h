#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "api/access/gate.h"
#include "api/endpoints/endpoints.h"
#include "api/http/cors.h"
#include "api/http/request_steps.h"
#include "api/http/router.h"
#include "api/metrics.h"
#include "api/routes.h"

namespace evently {

struct PipelineSettings {
  std::size_t body_bytes_max;
  std::vector<std::string> cors_origins;
  std::string cors_headers;
};

// What happens to every request, whatever its path: who asks, guards, route, access, endpoint,
// errors, headers, log and metrics. Thread-safe.
class Pipeline : public RequestSteps {
 public:
  Pipeline(const PipelineSettings& settings, Gate& gate, const Endpoints& endpoints,
           Metrics& metrics);
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;

  void begin(HttpCall& call) override;
  std::optional<Problem> objection(const HttpCall& call, bool body_follows) override;
  void answer(HttpCall& call) override;
  void complete(HttpCall& call) override;
  void record(const HttpCall& call) override;

 private:
  void count_request(RequestContext& context, Access access);
  void serve(HttpCall& call);
  void require_admin(HttpCall& call);

  const std::size_t body_bytes_max_;
  const Cors cors_;
  const Router router_;
  Gate& gate_;
  const Endpoints& endpoints_;
  Metrics& metrics_;
};

}  // namespace evently
