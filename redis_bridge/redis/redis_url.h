#pragma once

#include <string>

namespace evently {

struct RedisUrl {
  std::string host;
  int port = 6379;
  std::string user;
  std::string password;
  int database = 0;
};

// redis://[[user]:password@]host[:port][/database], parts percent-encoded where needed. Throws
// std::invalid_argument with a sentence that says what is wrong and never repeats the password.
RedisUrl parse_redis_url(const std::string& url);

}  // namespace evently
