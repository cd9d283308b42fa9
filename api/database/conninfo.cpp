#include "api/database/conninfo.h"

#include <libpq-fe.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace evently {
namespace {

using Options = std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)>;

Options parse(const std::string& url) {
  return {PQconninfoParse(url.c_str(), nullptr), PQconninfoFree};
}

std::string quoted(const std::string& value) {
  std::string quoted = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '\'';
}

using Settings = std::vector<std::pair<const char*, std::string>>;

Settings settings_of(const SessionLimits& limits) {
  return {{"statement_timeout", std::to_string(limits.statement_timeout_ms)},
          {"lock_timeout", std::to_string(limits.lock_timeout_ms)},
          {"idle_in_transaction_session_timeout",
           std::to_string(limits.idle_in_transaction_timeout_ms)},
          {"TimeZone", "UTC"},
          {"DateStyle", "ISO"}};
}

std::string conninfo_of(const std::string& url, const Settings& settings) {
  // A server that vanishes without a word is given up after about ten seconds.
  std::map<std::string, std::string> keywords = {
      {"application_name", "evently-api"}, {"connect_timeout", "3"},  {"keepalives_idle", "5"},
      {"keepalives_interval", "2"},        {"keepalives_count", "3"}, {"tcp_user_timeout", "10000"},
  };
  const Options options = parse(url);
  if (!options) throw std::invalid_argument("not a PostgreSQL address");
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) keywords[option->keyword] = option->val;
  }
  keywords["client_encoding"] = "UTF8";
  for (const auto& [name, value] : settings) {
    keywords["options"] += std::string(" -c ") + name + '=' + value;
  }

  std::string conninfo;
  for (const auto& [keyword, value] : keywords) {
    conninfo += keyword + '=' + quoted(value) + ' ';
  }
  return conninfo;
}

}  // namespace

bool is_conninfo(const std::string& url) {
  return parse(url) != nullptr;
}

std::string conninfo_for_session(const std::string& url, const SessionLimits& limits) {
  return conninfo_of(url, settings_of(limits));
}

std::string conninfo_for_pooler(const std::string& url) {
  return conninfo_of(url, {});
}

std::string transaction_settings(const SessionLimits& limits) {
  std::string statements;
  for (const auto& [name, value] : settings_of(limits)) {
    statements += std::string("SET LOCAL ") + name + " = '" + value + "'; ";
  }
  return statements;
}

}  // namespace evently
