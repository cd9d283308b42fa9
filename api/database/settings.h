#pragma once

#include <string>

namespace evently {

struct DatabaseSettings {
  std::string url;  // as libpq takes it
  int connections_max = 1;
  int pool_wait_ms = 0;  // for a free connection
  int retries_max = 0;   // of a statement that met contention
  int statement_timeout_ms = 0;
  int lock_timeout_ms = 0;
  bool prepare = true;  // false: a pooler stands between that keeps no session for us
};

}  // namespace evently
