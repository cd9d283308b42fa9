#pragma once

#include <string>

namespace evently {

struct SessionLimits {
  int statement_timeout_ms;
  int lock_timeout_ms;
  int idle_in_transaction_timeout_ms;
};

// True for a URL or a `keyword=value` string that libpq understands.
bool is_conninfo(const std::string& url);

// The same address with what every session of ours needs: limits on each wait, of the server and of
// the network, times in UTC. What the URL itself sets for the network stays. Throws
// std::invalid_argument.
std::string conninfo_for_session(const std::string& url, const SessionLimits& limits);

// The same without settings of the session, which a pooler refuses or drops; and these as
// statements, for the beginning of each transaction.
std::string conninfo_for_pooler(const std::string& url);
std::string transaction_settings(const SessionLimits& limits);

}  // namespace evently
