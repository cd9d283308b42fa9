#include "api/http/cors.h"

#include <algorithm>

namespace evently {

bool Cors::allows(const std::string& origin) const {
  return !origin.empty() &&
         std::any_of(origins_.begin(), origins_.end(), [&](const std::string& allowed) {
           return allowed == "*" || allowed == origin;
         });
}

void Cors::add_headers(HttpCall& call) const {
  if (origins_.empty()) return;
  call.add_header("Vary", "Origin");
  const std::string origin = call.header("Origin").value_or("");
  if (!allows(origin)) return;
  call.add_header("Access-Control-Allow-Origin", origin);
  call.add_header("Access-Control-Expose-Headers",
                  "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, "
                  "Retry-After, X-Request-Id");
  if (call.method() != "OPTIONS") return;
  call.add_header("Access-Control-Allow-Methods", call.context().match.allow);
  call.add_header("Access-Control-Allow-Headers", headers_);
  call.add_header("Access-Control-Max-Age", "600");
}

}  // namespace evently
