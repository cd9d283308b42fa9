#pragma once

#include <string>

namespace evently {

struct DatabaseSettings {
  std::string url;  // as libpq takes it
  int connections_max = 12;
  int pool_wait_ms = 1000;  // for a free connection
  int retries_max = 3;      // of a statement that met contention
  int statement_timeout_ms = 5000;
  int lock_timeout_ms = 2000;
};

}  // namespace evently
