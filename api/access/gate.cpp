#include "api/access/gate.h"

namespace evently {

std::optional<Quota> Gate::count_request(const std::string& client, Access access) {
  if (access == Access::probe || !limiter_.limits_clients()) return std::nullopt;
  return limiter_.take_request(client);
}

Gate::KeyAnswer Gate::check_admin_key(const std::string& client, const std::string& key) {
  if (key.empty()) return {};
  Quota quota = limiter_.may_show_key(client);
  if (!quota.exceeded()) {
    if (admin_keys_.accepts(key)) return {true, std::nullopt};
    quota = limiter_.key_was_wrong(client);
  }
  if (quota.exceeded()) return {false, quota};
  return {};
}

}  // namespace evently
